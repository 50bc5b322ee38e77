/**
 * Is the scanner right? Scans every labelled handler and description as a project of its own and compares with the labels.
 *
 * The scan is a parameter, so that a test can judge a scanner in its own process; from the command line it is what
 * was built.
 */
import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type LabelledCase, readCorpus, SPEC_CORPUS } from './corpus.ts'
import { judge, type Place, type ScanReport, type Verdict } from './judge.ts'

const BUILT = fileURLToPath(new URL('../../dist/scanner/scan-paths.js', import.meta.url))
const TARGET = 0.95

export type Scan = (folder: string) => Promise<ScanReport> | ScanReport

export interface Tally {
  readonly right: number
  readonly wrong: number
  readonly missed: number
  readonly precision: number
  readonly recall: number
}

export interface Quality {
  readonly verdicts: readonly Verdict[]
  readonly failures: readonly { readonly case: LabelledCase; readonly message: string }[]
  readonly total: Tally
  readonly byRule: ReadonlyMap<string, Tally>
  readonly byGroup: ReadonlyMap<string, Tally>
  readonly accusedSound: readonly Verdict[]
  readonly met: boolean
}

/** @param groups Prefixes such as `python`, `javascript/express` or `openapi`; none means everything. */
export async function qualityCommand(groups: readonly string[]): Promise<number> {
  const all = [...readCorpus(), ...readCorpus(SPEC_CORPUS)]
  const cases = all.filter(({ group }) => groups.length === 0 || groups.some((one) => group.startsWith(one)))
  if (!existsSync(BUILT) || cases.length === 0) {
    console.error('usage: npm run build && npm run bench:scan -- --quality [group…]')
    return 2
  }
  const quality = await measureQuality(cases, scanWithProgram)
  console.log(renderQuality(quality))
  return quality.met ? 0 : 1
}

export async function measureQuality(cases: readonly LabelledCase[], scan: Scan): Promise<Quality> {
  const verdicts: Verdict[] = []
  const failures: Quality['failures'][number][] = []
  for (const one of cases) {
    try {
      verdicts.push(judge(one, await scan(one.folder)))
    } catch (error) {
      failures.push({ case: one, message: error instanceof Error ? error.message : String(error) })
      verdicts.push(judge(one, { surfaces: [] }))
    }
  }
  const total = tally(verdicts, () => true)
  const accusedSound = verdicts.filter((verdict) => verdict.case.sound && verdict.falseAlarms.length > 0)
  return {
    verdicts,
    failures,
    total,
    byRule: tallies(rulesIn(verdicts), (rule) => tally(verdicts, (place) => place.rule === rule)),
    byGroup: tallies(unique(cases.map(({ group }) => group)), (group) =>
      tally(
        verdicts.filter((verdict) => verdict.case.group === group),
        () => true,
      ),
    ),
    accusedSound,
    met: failures.length === 0 && accusedSound.length === 0 && total.precision >= TARGET && total.recall >= TARGET,
  }
}

export function renderQuality(quality: Quality): string {
  const { verdicts, failures, total, byRule, byGroup, accusedSound } = quality
  const sound = verdicts.filter((verdict) => verdict.case.sound).length
  const surfaces = verdicts.map((verdict) => verdict.surfaces)
  const found = surfaces.reduce((sum, one) => sum + one.found, 0)
  const missedSurfaces = surfaces.reduce((sum, one) => sum + one.missed.length, 0)
  return [
    table('rule', byRule),
    table('group', byGroup),
    ...disagreements(verdicts),
    ...failures.map((one) => `${nameOf(one.case)}: the scan failed: ${one.message}`),
    '',
    `${verdicts.length} cases (${sound} sound), surfaces found ${found} of ${found + missedSurfaces}`,
    `precision ${ratio(total.precision)}  recall ${ratio(total.recall)}  target ${ratio(TARGET)} each`,
    `sound cases with a finding: ${accusedSound.length}  target 0`,
    quality.met ? 'met' : 'MISSED',
  ].join('\n')
}

function disagreements(verdicts: readonly Verdict[]): readonly string[] {
  return verdicts.flatMap((verdict) => {
    const lines = [
      ...verdict.falseAlarms.map((one) => `  wrong   ${shown(one)}${one.named ? `  (${one.named})` : ''}`),
      ...verdict.misses.map((one) => `  missed  ${shown(one)}`),
      ...verdict.repeats.map((one) => `  repeat  ${shown(one)}`),
      ...verdict.surfaces.missed.map((surface) => `  unseen  ${surface}`),
    ]
    return lines.length === 0 ? [] : ['', `${nameOf(verdict.case)}${verdict.case.sound ? ' (sound)' : ''}`, ...lines]
  })
}

function tally(verdicts: readonly Verdict[], counts: (place: Place) => boolean): Tally {
  const sum = (pick: (verdict: Verdict) => readonly Place[]) =>
    verdicts.reduce((total, verdict) => total + pick(verdict).filter(counts).length, 0)
  const right = sum(({ hits }) => hits)
  const wrong = sum(({ falseAlarms }) => falseAlarms)
  const missed = sum(({ misses }) => misses)
  // Saying nothing is precise, and nothing to find is all found.
  return { right, wrong, missed, precision: share(right, right + wrong), recall: share(right, right + missed) }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole
}

function table(title: string, rows: ReadonlyMap<string, Tally>): string {
  const head = `${title.padEnd(32)} right wrong missed  precision recall`
  const lines = [...rows].map(
    ([name, one]) =>
      `${name.padEnd(32)} ${count(one.right, 5)} ${count(one.wrong, 5)} ${count(one.missed, 6)}  ${ratio(one.precision).padStart(9)} ${ratio(one.recall).padStart(6)}`,
  )
  return `\n${[head, ...lines].join('\n')}`
}

function count(value: number, width: number): string {
  return (value === 0 ? '·' : String(value)).padStart(width)
}

function ratio(value: number): string {
  return value.toFixed(3)
}

function shown({ rule, file, line }: Place): string {
  return `${rule}  ${file}:${line}`
}

function nameOf({ group, name }: LabelledCase): string {
  return `${group}/${name}`
}

function rulesIn(verdicts: readonly Verdict[]): readonly string[] {
  return unique(
    verdicts.flatMap(({ hits, misses, falseAlarms }) => [...hits, ...misses, ...falseAlarms].map(({ rule }) => rule)),
  ).toSorted()
}

function tallies(names: readonly string[], of: (name: string) => Tally): ReadonlyMap<string, Tally> {
  return new Map(names.map((name) => [name, of(name)]))
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)]
}

/** The program as it was built, without starting it for each of some hundred folders. */
async function scanWithProgram(folder: string): Promise<ScanReport> {
  const { scanPaths } = (await import(BUILT)) as Pick<typeof import('../../src/scanner/scan-paths.ts'), 'scanPaths'>
  const path = relative(process.cwd(), folder)
  const { report } = await scanPaths([path], { as: undefined, now: () => performance.now(), version: 'bench' })
  return report
}
