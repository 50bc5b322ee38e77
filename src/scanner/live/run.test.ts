import { expect, test } from 'vitest'
import { createBudget } from './budget.ts'
import type { Bench } from './lab.ts'
import { faulty, type Probe, sound } from './probe.ts'
import { runProbes } from './run.ts'

const TEXTS = { proves: '', sends: '', reads: '', limits: '', examples: { faulty: '', sound: '' } }
const BENCH: Bench = { lab: () => ({}) as ReturnType<Bench['lab']> }

test('what comes to light while other probes run still counts', async () => {
  let called = false
  const probe = (id: string, run: Probe<undefined>['run']): Probe<undefined> => ({
    ...TEXTS,
    id,
    title: id,
    controls: ['payload-url-guard'],
    run,
  })
  const probes = [
    probe('first', async () =>
      sound('Nobody called.', { late: () => (called ? faulty('Somebody called.') : undefined) }),
    ),
    probe('second', async () => {
      called = true
      return sound('Something else.', { late: () => undefined })
    }),
  ]
  const budget = createBudget({ maxRequests: 1, perSecond: 1, maxSeconds: 60 }, () => 0)
  const results = await runProbes(probes, undefined, { bench: BENCH, budget, sideBySide: 1 })
  budget.close()
  expect(results.flatMap(({ verdicts }) => verdicts.map(({ standing }) => standing))).toEqual(['faulty', 'sound'])
})
