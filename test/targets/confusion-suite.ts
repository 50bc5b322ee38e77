/** Tests that hold the prober against targets, and print what it said of each. */
import { afterAll, test } from 'vitest'
import { accusing, missed, type Row, rowOf, type Surface, sentences, toldOf } from './confusion.ts'
import { tableOf } from './confusion-table.ts'
import type { FaultName } from './faults.ts'
import { describeTarget, type TargetName } from './start-target.ts'

/** Of one run; a busy machine takes several times as long as a quiet one. */
const PATIENCE_MS = 180_000

export interface Suite {
  readonly surface: Surface
  readonly targets: readonly TargetName[]
  readonly shares: readonly (readonly FaultName[])[]
  /** `probe: sentence` for each thing that cannot be told even of the sound ones; everything else must be. */
  readonly untold?: readonly string[]
}

export function confusionSuite(suite: Suite): void {
  const { surface, targets, shares, untold = [] } = suite
  const rows: Row[] = []
  afterAll(() => {
    console.log(tableOf(suite, rows))
  })
  const probed = async (target: TargetName, faults: readonly FaultName[]): Promise<Row> => {
    const row = await rowOf(target, surface, faults)
    rows.push(row)
    return row
  }
  for (const target of targets) {
    describeTarget(target, () => {
      test.concurrent(
        `${surface}: nothing is found where nothing is wrong, and everything can be told`,
        async ({ expect }) => {
          const row = await probed(target, [])
          const accusations = sentences(row, 'faulty')
          expect({ accusations, incomplete: row.incomplete }).toEqual({ accusations: [], incomplete: false })
          expect(sentences(row, 'unclear').filter((text) => !untold.includes(text))).toEqual([])
        },
        PATIENCE_MS,
      )
      const faulty = shares.map((faults) => ({ faults, row: once(() => probed(target, faults)) }))
      for (const { faults, row } of faulty) {
        test.concurrent(
          `${surface}: ${faults.join(', ')}`,
          async ({ expect }) => {
            expect(missed(await row())).toEqual([])
          },
          PATIENCE_MS,
        )
      }
      test.concurrent(
        `${surface}: each probe finds something where something is wrong`,
        async ({ expect }) => {
          const found = await Promise.all(faulty.map(({ row }) => row()))
          const accuse = new Set(found.flatMap(accusing))
          const all = new Set(found.flatMap(({ records }) => records.map(({ probe }) => probe)))
          expect([...all].filter((probe) => !accuse.has(probe))).toEqual(['genuine-request'])
        },
        PATIENCE_MS,
      )
      const harmless = shares.flat().filter((fault) => toldOf(fault) !== undefined)
      if (harmless.length > 0)
        test.concurrent(
          `${surface}: nobody is accused of ${harmless.join(', ')}`,
          async ({ expect }) => {
            const row = await rowOf(target, surface, harmless)
            expect({ accusations: sentences(row, 'faulty'), missed: missed(row) }).toEqual({
              accusations: [],
              missed: [],
            })
          },
          PATIENCE_MS,
        )
    })
  }
}

/** Whoever asks first starts it; the others wait for the same. */
function once<T>(start: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined
  return () => {
    started ??= start()
    return started
  }
}
