/**
 * How long does a review take beyond starting the program, and how long the start? Measured from outside on the
 * built program, as a person or a build would feel it: a manifest of 1,000 surfaces against one of four. Then how long
 * a scan of code takes, beside linters (scan/speed.ts), and that of a description (scan/spec-speed.ts).
 *
 * Runs of the compared commands alternate, so that a busy moment of the machine falls on all of them. Ends with 1
 * when a target is missed. With `--specs` it measures descriptions only; with `--live` the live prober only, and with
 * `--quality` it asks instead whether the scanner is right (scan/quality.ts).
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { reviewInit } from '../src/scanner/manifest/starter.ts'
import { measureLiveScans } from './scan/live-speed.ts'
import { qualityCommand } from './scan/quality.ts'
import { measureSpecScans } from './scan/spec-speed.ts'
import { measureCodeScans } from './scan/speed.ts'

const PROGRAM = fileURLToPath(new URL('../dist/bin.js', import.meta.url))
const SURFACES = 1000
const ONLY = ['--specs', '--live'].find((option) => option === process.argv[2])
const ROUNDS = Number((ONLY === undefined ? process.argv[2] : undefined) ?? 9)
const CODE_ROUNDS = Math.min(ROUNDS, 3)
const TARGETS_MS = { beyondStart: 1000, version: 150 }

process.exitCode = process.argv[2] === '--quality' ? await qualityCommand(process.argv.slice(3)) : await main()

async function main(): Promise<number> {
  if (!existsSync(PROGRAM) || !Number.isInteger(ROUNDS) || ROUNDS < 1) {
    console.error('usage: npm run build && npm run bench:scan [-- rounds | --specs | --live]')
    return 2
  }
  if (ONLY === '--specs') return reportSpecs()
  if (ONLY === '--live') return await reportLive()
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-scan-'))
  try {
    const large = join(folder, 'large.yaml')
    const small = join(folder, 'small.yaml')
    writeFileSync(large, manifestOf(SURFACES))
    writeFileSync(small, reviewInit())
    const report = join(folder, 'report.json')
    const commands = {
      version: ['--version'],
      node: ['-e', '0'],
      small: ['review', small, '--quiet', '--output', report],
      large: ['review', large, '--quiet', '--output', report],
    }
    const times = measure(commands)
    const beyondStart = median(times.large) - median(times.small)
    const lines = [
      line(`${SURFACES} surfaces reviewed, beyond start-up`, beyondStart, TARGETS_MS.beyondStart),
      line('postern --version, cold', median(times.version), TARGETS_MS.version),
    ]
    console.log(lines.map(({ text }) => text).join('\n'))
    console.log(
      `\nmedians of ${ROUNDS}; start-up with a review of 4 surfaces ${shown(median(times.small))}, node itself ${shown(median(times.node))}`,
    )
    const code = await measureCodeScans(CODE_ROUNDS)
    console.log(`\n${code.text}`)
    console.log('')
    const specs = reportSpecs()
    console.log('')
    const live = await reportLive()
    return code.met && lines.every(({ met }) => met) ? Math.max(specs, live) : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function reportLive(): Promise<number> {
  const live = await measureLiveScans(CODE_ROUNDS)
  console.log(live.text)
  return live.met ? 0 : 1
}

function reportSpecs(): number {
  const specs = measureSpecScans(CODE_ROUNDS)
  console.log(specs.text)
  return specs.met ? 0 : 1
}

/** The starter's surfaces again and again under other names: commented YAML of every style, as people write it. */
function manifestOf(count: number): string {
  const text = reviewInit()
  const start = text.indexOf('surfaces:\n') + 'surfaces:\n'.length
  const body = text.slice(start)
  const inBody = body.match(/^ {2}- id: /gm)?.length ?? 0
  const copies = Array.from({ length: Math.ceil(count / inBody) }, (_, copy) =>
    body.replace(/^( {2}- id: .*)$/gm, `$1-${copy}`),
  )
  return text.slice(0, start) + copies.join('')
}

function measure<Name extends string>(commands: Readonly<Record<Name, readonly string[]>>): Record<Name, number[]> {
  const names = Object.keys(commands) as Name[]
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>
  for (let round = 0; round < ROUNDS; round++) for (const name of names) times[name].push(run(commands[name]))
  return times
}

/** A run that did not do its work would be a fast one. */
function run(args: readonly string[]): number {
  const startedAt = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args[0] === '-e' ? args : [PROGRAM, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  })
  const took = performance.now() - startedAt
  if (status !== 0) throw new Error(`postern ${args.join(' ')} ended with ${status}: ${stderr}`)
  return took
}

function line(what: string, ms: number, target: number): { readonly text: string; readonly met: boolean } {
  const met = ms < target
  return {
    met,
    text: `${what.padEnd(42)} ${shown(ms).padStart(8)}   target ${shown(target)}: ${met ? 'met' : 'MISSED'}`,
  }
}

function shown(ms: number): string {
  return `${Math.round(ms)} ms`
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
