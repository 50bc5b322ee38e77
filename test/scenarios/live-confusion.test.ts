/**
 * The prober against the targets: every fault is found by the probe it is for, on every framework, and the sound
 * target is accused of nothing. The table it prints is probe × target; `test/targets/confusion.ts` prints it with one
 * fault at a time.
 */
import { afterAll, expect, test } from 'vitest'
import { finderOf, printed, type Row, rowOf, type Surface } from '../targets/confusion.ts'
import type { FaultName } from '../targets/faults.ts'
import { REST_SHARES, SOCKET_SHARES, WEBHOOK_SHARES } from '../targets/shares.ts'
import { describeTarget, type TargetName } from '../targets/start-target.ts'

const PAIRS: readonly (readonly [TargetName, Surface])[] = [
  ...(['flask', 'django', 'fastapi', 'express', 'fastify'] as const).flatMap(
    (target) =>
      [
        [target, 'webhook'],
        [target, 'stream'],
      ] as const,
  ),
  ['fastapi', 'json'],
  ['express', 'json'],
  ['fastify', 'json'],
  ['ws', 'json'],
  ['socket.io', 'socket.io'],
  ['graphql-ws', 'graphql-transport-ws'],
  ['graphql-ws', 'graphql-ws'],
]

const PATIENCE_MS = 180_000
const rows: Row[] = []

afterAll(() => {
  console.log(rows.map(printed).join('\n'))
})

for (const [target, surface] of PAIRS) {
  describeTarget(target, () => {
    test(
      `${surface}: nothing is found where nothing is wrong`,
      async () => {
        const row = await probed(target, surface, [])
        expect(row.accusations).toEqual([])
        expect(row.incomplete).toBe(false)
      },
      PATIENCE_MS,
    )

    for (const faults of sharesOf(surface)) {
      test(
        `${surface}: ${faults.join(', ')}`,
        async () => {
          const { accusing } = await probed(target, surface, faults)
          const wanted = faults.filter((fault) => canBeFound(surface, fault)).map((fault) => finderOf(fault))
          expect(accusing).toEqual(expect.arrayContaining(wanted))
        },
        PATIENCE_MS,
      )
    }
  })
}

async function probed(target: TargetName, surface: Surface, faults: readonly FaultName[]): Promise<Row> {
  const row = await rowOf(target, surface, faults)
  rows.push(row)
  return row
}

function sharesOf(surface: Surface): readonly (readonly FaultName[])[] {
  if (surface === 'webhook') return WEBHOOK_SHARES
  if (surface !== 'stream') return SOCKET_SHARES
  return REST_SHARES.map((faults) => faults.filter((fault) => fault.startsWith('sse-'))).filter(
    ({ length }) => length > 0,
  )
}

function canBeFound(surface: Surface, fault: FaultName): boolean {
  // The library of the newer GraphQL protocol validates by itself; nobody can switch that off.
  const isByLibrary = surface === 'graphql-transport-ws' && fault === 'ws-no-validation'
  return !isByLibrary && finderOf(fault) !== undefined
}
