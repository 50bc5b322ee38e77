import { expect, test } from 'vitest'
import { silent } from '../../../test/support/flow.ts'
import { newId } from '../../base/model/ids.ts'
import type { AttemptResult } from '../../resources/store/attempts.ts'
import { createRecorder, type RecorderOptions } from './recorder.ts'

const aResult = (): AttemptResult => ({
  eventId: newId(),
  id: newId(),
  worker: newId(),
  fence: 1,
  attemptId: newId(),
  destinationId: newId(),
  shadow: false,
  says: 'well',
  wasWell: true,
  outcome: 'delivered',
  httpStatus: 200,
  responseBody: null,
  error: null,
  startedAt: new Date(),
  durationMs: 1,
  verdict: 'done',
  runAt: null,
  disableDestination: false,
})

const aRecorder = (write: RecorderOptions['write'], refusedForMs = 60_000, now: () => number = Date.now) =>
  createRecorder({ write, refusedForMs, log: silent, now, random: () => 0.1 })

const accepted = (results: readonly AttemptResult[]) => new Set(results.map((result) => result.id))
const databaseError = (code: string) => Object.assign(new Error('from the database'), { code })

test('what ends while a batch is written is written together', async () => {
  const batches: number[] = []
  const recorder = aRecorder(async (results) => {
    batches.push(results.length)
    await new Promise((resolve) => setTimeout(resolve, 30))
    return accepted(results)
  })
  const first = Array.from({ length: 3 }, () => recorder.record(aResult()))
  await new Promise((resolve) => setTimeout(resolve, 10))
  const second = Array.from({ length: 50 }, () => recorder.record(aResult()))

  expect(await Promise.all([...first, ...second])).toEqual(Array(53).fill(true))
  expect(batches).toEqual([3, 50])
})

test('a result of a job that somebody else has now is not ours, and the others of its batch are', async () => {
  const lost = aResult()
  const recorder = aRecorder(async (results) => accepted(results.filter((result) => result !== lost)))
  expect(await Promise.all([recorder.record(aResult()), recorder.record(lost), recorder.record(aResult())])).toEqual([
    true,
    false,
    true,
  ])
})

test('while the database is away nothing is given up and nothing is lost', async () => {
  let calls = 0
  const recorder = aRecorder(async (results) => {
    calls += 1
    if (calls <= 4) throw databaseError(calls % 2 === 0 ? '57P01' : 'ECONNREFUSED')
    return accepted(results)
  }, 0)
  const results = await Promise.all(Array.from({ length: 5 }, () => recorder.record(aResult())))
  expect(results).toEqual(Array(5).fill(true))
  expect(calls).toBe(5)
})

test('a result the database refuses does not hold up the others, and is handed back in the end', async () => {
  let time = 0
  const poisoned = aResult()
  const recorder = aRecorder(
    async (results) => {
      time += 1_000
      if (results.includes(poisoned)) throw databaseError('22021')
      return accepted(results)
    },
    10_000,
    () => time,
  )
  const refusal = recorder.record(poisoned)
  const others = Array.from({ length: 4 }, () => recorder.record(aResult()))

  expect(await Promise.all(others)).toEqual([true, true, true, true])
  await expect(refusal).rejects.toMatchObject({ code: '22021' })
})

test('an attempt number that somebody else took is worked out again', async () => {
  let calls = 0
  const recorder = aRecorder(async (results) => {
    calls += 1
    if (calls === 1) throw databaseError('23505')
    return accepted(results)
  })
  expect(await recorder.record(aResult())).toBe(true)
  expect(calls).toBe(2)
})
