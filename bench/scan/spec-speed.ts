/**
 * How long does the examination of a large description take: measured from outside on the built program, beside
 * Spectral with its OWASP ruleset on the same document in the same run.
 *
 * Spectral brings some 250 packages, so it is no dependency of ours: it is fetched from the npm registry into a
 * temporary folder, and where that cannot be reached nothing is measured beside it.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { largeSpec } from './large-spec.ts'

const PROGRAM = fileURLToPath(new URL('../../dist/bin.js', import.meta.url))
const BYTES = 5 * 1024 * 1024
const TARGET_MS = 3000
const SPECTRAL = ['@stoplight/spectral-cli@6.15.0', '@stoplight/spectral-owasp-ruleset@2.0.1']
/** It needs minutes; who waits longer than this has an answer, too. */
const SPECTRAL_LIMIT_MS = 600_000

/** @returns Lines to print, and whether every target was met. */
export function measureSpecScans(rounds: number): { readonly text: string; readonly met: boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-spec-'))
  try {
    const document = largeSpec(BYTES)
    const json = join(folder, 'large.json')
    const yaml = join(folder, 'large.yaml')
    const small = join(folder, 'small.yaml')
    writeFileSync(json, JSON.stringify(document, null, 2))
    writeFileSync(yaml, stringify(document, { aliasDuplicateObjects: false }))
    writeFileSync(small, stringify(largeSpec(1)))
    const report = join(folder, 'report.json')
    const ours = (file: string): number =>
      run(process.execPath, [PROGRAM, 'scan', file, '--quiet', '--output', report], [0, 1, 4])
    const times: Record<'json' | 'yaml' | 'small', number[]> = { json: [], yaml: [], small: [] }
    for (let round = 0; round < rounds; round++) {
      times.json.push(ours(json))
      times.yaml.push(ours(yaml))
      times.small.push(ours(small))
    }
    const jsonMs = median(times.json)
    const checks = [check('5 MB of OpenAPI in JSON', jsonMs), check('  the same in YAML', median(times.yaml))]
    return {
      met: checks.every(({ met }) => met),
      text: [
        ...checks.map(({ text }) => text),
        besideSpectral(json, jsonMs, folder),
        `medians of ${rounds}; start-up with one small description ${seconds(median(times.small))} s`,
      ].join('\n'),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Once: it says enough. */
function besideSpectral(file: string, ourMs: number, folder: string): string {
  const home = join(folder, 'spectral')
  mkdirSync(home)
  const fetched = spawnSync(
    'npm',
    ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', home, ...SPECTRAL],
    {
      encoding: 'utf8',
    },
  )
  if (fetched.status !== 0)
    return `Spectral could not be fetched, so nothing is measured beside it: npm install ${SPECTRAL.join(' ')}`
  const ruleset = join(home, 'ruleset.yaml')
  writeFileSync(ruleset, 'extends: ["@stoplight/spectral-owasp-ruleset"]\n')
  const spectral = join(home, 'node_modules/@stoplight/spectral-cli/dist/index.js')
  const args = [spectral, 'lint', file, '--ruleset', ruleset, '--format', 'json', '--output', join(home, 'report.json')]
  const name = 'Spectral with its OWASP ruleset'.padEnd(42)
  const ms = run(process.execPath, [...args, '--quiet'], [0, 1], SPECTRAL_LIMIT_MS)
  return Number.isNaN(ms)
    ? `${name} not done after ${seconds(SPECTRAL_LIMIT_MS)} s, Postern ${seconds(ourMs)} s: more than ${(SPECTRAL_LIMIT_MS / ourMs).toFixed(0)} times`
    : `${name} ${seconds(ms).padStart(6)} s, Postern ${seconds(ourMs)} s: ${(ms / ourMs).toFixed(0)} times`
}

/** A run that did not do its work would be a fast one. @returns Milliseconds, or not a number when time ran out. */
function run(command: string, args: readonly string[], ok: readonly number[], timeout?: number): number {
  const startedAt = performance.now()
  const { status, signal, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
    ...(timeout === undefined ? {} : { timeout }),
  })
  const took = performance.now() - startedAt
  if (signal !== null && timeout !== undefined && took >= timeout) return Number.NaN
  if (status === null || !ok.includes(status))
    throw new Error(`${command} ${args.slice(0, 3).join(' ')} … ended with ${status ?? signal}: ${stderr}`)
  return took
}

function check(what: string, ms: number): { readonly text: string; readonly met: boolean } {
  const met = ms < TARGET_MS
  const value = `${seconds(ms)} s`.padStart(8)
  return { met, text: `${what.padEnd(42)} ${value}   target ${seconds(TARGET_MS)} s: ${met ? 'met' : 'MISSED'}` }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
