import { expect, test } from 'vitest'
import { answerWithin } from './answer-within.ts'

test('no answer at all is late', async () => {
  await expect(answerWithin(1, new Promise(() => undefined))).rejects.toThrow('no answer')
})

test('an answer and a refusal come through as they are', async () => {
  expect(await answerWithin(10_000, Promise.resolve('yes'))).toBe('yes')
  await expect(answerWithin(10_000, Promise.reject(new Error('refused')))).rejects.toThrow('refused')
})
