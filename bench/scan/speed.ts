/**
 * How long does a scan of code take, cold and again, and how much memory: measured from outside on the built program,
 * beside linters that people use for the same purpose, on the same tree in the same run.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { largeTree, measured, serviceTree, type Tree } from './trees.ts'

const PROGRAM = fileURLToPath(new URL('../../dist/bin.js', import.meta.url))
const LARGE_BYTES = 100e6
const SERVICE_FILES = 200
const TARGETS = { largeMs: 10_000, serviceMs: 2000, againShare: 0.1, memoryMb: 500 }

interface Run {
  readonly ms: number
  /** Of the process, its threads included; nothing where there is no /proc. */
  readonly peakMb: number | undefined
}

/** @returns Lines to print, and whether every target was met. */
export async function measureCodeScans(rounds: number): Promise<{ readonly text: string; readonly met: boolean }> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-code-'))
  try {
    const large = largeTree(join(folder, 'large'), LARGE_BYTES)
    const service = serviceTree(join(folder, 'service'), SERVICE_FILES)
    const caches = join(folder, 'caches')
    const report = join(folder, 'report')
    const ours = (tree: Tree, ...options: readonly string[]): Promise<Run> =>
      run(process.execPath, [PROGRAM, 'scan', tree.folder, '--as', 'code', '--quiet', '--output', report, ...options], {
        caches,
        ok: [0, 1, 4],
      })
    const cold: Run[] = []
    const again: Run[] = []
    const small: Run[] = []
    const others = linters(large, folder)
    const theirs = new Map<string, Run[]>(others.map(({ name }) => [name, []]))
    for (let round = 0; round < rounds; round++) {
      rmSync(caches, { recursive: true, force: true })
      cold.push(await ours(large))
      again.push(await ours(large))
      small.push(await ours(service, '--no-cache'))
      // Minutes each: once says enough.
      if (round === 0) for (const { name, start } of others) theirs.get(name)?.push(await start())
    }
    const coldMs = median(cold)
    const share = median(again) / coldMs
    const peak = Math.max(...cold.map(({ peakMb }) => peakMb ?? Number.NaN))
    const checks = [
      check(
        `${megabytes(large)} MB in ${large.files} files, cold`,
        `${seconds(coldMs)} s`,
        coldMs < TARGETS.largeMs,
        '10 s',
      ),
      check('  the same again, unchanged', `${(share * 100).toFixed(1)} %`, share < TARGETS.againShare, '10 %'),
      check('  memory at most', `${Math.round(peak)} MB`, !(peak >= TARGETS.memoryMb), '500 MB'),
      check(
        `a service of ${service.files} files, cold`,
        `${seconds(median(small))} s`,
        median(small) < TARGETS.serviceMs,
        '2 s',
      ),
    ]
    const speed = large.bytes / 1e6 / (coldMs / 1000)
    const beside = others.map(({ name, tree }) => {
      const ms = median(theirs.get(name) ?? [])
      const theirSpeed = tree.bytes / 1e6 / (ms / 1000)
      return `${name.padEnd(42)} ${seconds(ms).padStart(6)} s for its ${megabytes(tree)} MB: ${theirSpeed.toFixed(1)} MB/s, Postern ${speed.toFixed(1)} MB/s, ${(speed / theirSpeed).toFixed(0)} times`
    })
    return {
      met: checks.every(({ met }) => met),
      text: [
        ...checks.map(({ text }) => text),
        ...beside,
        `medians of ${rounds}, ${availableParallelism()} processors`,
      ].join('\n'),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Linter {
  readonly name: string
  /** What of the tree it reads. */
  readonly tree: Tree
  readonly start: () => Promise<Run>
}

function linters(large: Tree, folder: string): readonly Linter[] {
  const eslint = join(dirname(createRequire(import.meta.url).resolve('eslint/package.json')), 'bin/eslint.js')
  const plugin = pathToFileURL(createRequire(import.meta.url).resolve('eslint-plugin-security')).href
  const config = join(folder, 'eslint.config.mjs')
  writeFileSync(
    config,
    `import security from ${JSON.stringify(plugin)}\nexport default [{ files: ['**/*.js', '**/*.mjs', '**/*.cjs'], ...security.configs.recommended, linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'off' } }]\n`,
  )
  const found: Linter[] = [
    {
      name: 'ESLint with eslint-plugin-security',
      tree: measured(large.folder, /\.[cm]?js$/),
      start: () =>
        run(
          process.execPath,
          [
            ...heap(),
            eslint,
            '--config',
            config,
            '--no-warn-ignored',
            '--format',
            'json',
            '--output-file',
            join(folder, 'eslint.json'),
            large.folder,
          ],
          { ok: [0, 1], cwd: folder },
        ),
    },
  ]
  if (spawnSync('bandit', ['--version']).status === 0)
    found.push({
      name: 'bandit',
      tree: measured(large.folder, /\.py$/),
      start: () =>
        run('bandit', ['-q', '-r', large.folder, '-f', 'json', '-o', join(folder, 'bandit.json')], { ok: [0, 1] }),
    })
  else console.error('bandit is not installed, so nothing is measured beside it: apt-get install bandit')
  return found
}

/** Without it ESLint runs out of memory on a tree of this size. */
function heap(): readonly string[] {
  return ['--max-old-space-size=8192']
}

/** A run that did not do its work would be a fast one. */
async function run(
  command: string,
  args: readonly string[],
  { caches, ok, cwd }: { readonly caches?: string; readonly ok: readonly number[]; readonly cwd?: string },
): Promise<Run> {
  const startedAt = performance.now()
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env['PATH'], ...(caches === undefined ? {} : { XDG_CACHE_HOME: caches }) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let peakMb: number | undefined
  const watch = setInterval(() => {
    peakMb = peakOf(child.pid) ?? peakMb
  }, 50)
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2000)
  })
  const [code] = await once(child, 'close')
  clearInterval(watch)
  const ms = performance.now() - startedAt
  if (!ok.includes(code)) throw new Error(`${command} ${args.slice(0, 3).join(' ')} … ended with ${code}: ${said}`)
  return { ms, peakMb }
}

function peakOf(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? undefined : (Number(kilobytes) * 1024) / 1e6
  } catch {
    return undefined
  }
}

function check(
  what: string,
  value: string,
  met: boolean,
  target: string,
): { readonly text: string; readonly met: boolean } {
  return { met, text: `${what.padEnd(42)} ${value.padStart(8)}   target ${target}: ${met ? 'met' : 'MISSED'}` }
}

function median(runs: readonly Run[]): number {
  const sorted = runs.map(({ ms }) => ms).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}

function megabytes({ bytes }: Tree): string {
  return (bytes / 1e6).toFixed(0)
}
