/** Tests that hold the prober against targets, and print what it said of each. */
import { afterAll, test } from 'vitest'
import { finderOf, printed, type Row, rowOf, type Surface } from './confusion.ts'
import type { FaultName } from './faults.ts'
import { describeTarget, type TargetName } from './start-target.ts'

/** Of one run; a busy machine takes several times as long as a quiet one. */
const PATIENCE_MS = 180_000

export interface Suite {
  readonly surface: Surface
  readonly targets: readonly TargetName[]
  readonly shares: readonly (readonly FaultName[])[]
  /** Faults that none of these targets can have. */
  readonly impossible?: readonly FaultName[]
}

export function confusionSuite({ surface, targets, shares, impossible = [] }: Suite): void {
  const rows: Row[] = []
  afterAll(() => {
    console.log(rows.map(printed).join('\n'))
  })
  const probed = async (target: TargetName, faults: readonly FaultName[]): Promise<Row> => {
    const row = await rowOf(target, surface, faults)
    rows.push(row)
    return row
  }
  for (const target of targets) {
    describeTarget(target, () => {
      test.concurrent(
        `${surface}: nothing is found where nothing is wrong`,
        async ({ expect }) => {
          const { accusations, incomplete } = await probed(target, [])
          expect({ accusations, incomplete }).toEqual({ accusations: [], incomplete: false })
        },
        PATIENCE_MS,
      )
      for (const faults of shares) {
        test.concurrent(
          `${surface}: ${faults.join(', ')}`,
          async ({ expect }) => {
            const { accusing } = await probed(target, faults)
            const wanted = faults
              .filter((fault) => !impossible.includes(fault))
              .flatMap((fault) => finderOf(fault) ?? [])
            expect(accusing).toEqual(expect.arrayContaining(wanted))
          },
          PATIENCE_MS,
        )
      }
    })
  }
}
