/** Probe × target, as it is printed: a line for each probe, a column for each target and share of faults. */
import { type Row, sentences } from './confusion.ts'
import type { Suite } from './confusion-suite.ts'

/** The first that one of a probe's verdicts has stands for all of them. */
const SIGNS = [
  ['faulty', 'X'],
  ['unclear', '?'],
  ['sound', '·'],
  ['not-applicable', '–'],
] as const

export function tableOf({ surface, targets, shares }: Suite, rows: readonly Row[]): string {
  const columns = targets.flatMap((target) =>
    [[], ...shares].flatMap(
      (faults) => rows.find((row) => row.target === target && row.faults.join() === faults.join()) ?? [],
    ),
  )
  const ids = [...new Set(columns.flatMap(({ records }) => records.map(({ probe }) => probe)))]
  const line = (id: string, cells: (target: Suite['targets'][number]) => string) =>
    `${id.padEnd(28)}${targets.map((target) => `  ${cells(target).padEnd(Math.max(target.length, shares.length + 1))}`).join('')}`
  const sound = columns.filter(({ faults }) => faults.length === 0)
  return [
    line(surface, (target) => target),
    line('', () => `s${shares.map((_, at) => at + 1).join('')}`),
    ...ids.map((id) =>
      line(id, (target) =>
        columns
          .filter((row) => row.target === target)
          .map((row) => signOf(row, id))
          .join(''),
      ),
    ),
    ...shares.map((faults, at) => `  ${at + 1}: ${faults.join(', ')}`),
    '  X found  ? could not tell  · sound  – does not apply; of a sound one (s):',
    ...unique(sound.flatMap((row) => sentences(row, 'unclear')).map((text) => `  ? ${text}`)),
    ...unique(sound.flatMap((row) => sentences(row, 'not-applicable')).map((text) => `  – ${text}`)),
  ].join('\n')
}

function signOf({ records }: Row, id: string): string {
  const standings = records.filter(({ probe }) => probe === id).flatMap(({ verdicts }) => verdicts)
  return SIGNS.find(([wanted]) => standings.some(({ standing }) => standing === wanted))?.[1] ?? ' '
}

function unique(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)]
}
