import { expect, test } from 'vitest'
import { newId } from '../base/model/ids.ts'
import { createTimeShares } from './time-shares.ts'

const [first, second, third] = [newId(), newId(), newId()]

function timeShares() {
  let at = 1_000_000
  const shares = createTimeShares(() => at)
  return {
    ...shares,
    pass: (ms: number) => {
      at += ms
    },
  }
}

test('alone, or when nobody else has begun anything lately, there is no rest', () => {
  const { began, restMs, pass } = timeShares()
  began([first])
  expect(restMs(40)).toBe(0)
  began([second])
  pass(900)
  began([first])
  expect(restMs(40)).toBe(80)
  pass(100)
  expect(restMs(40)).toBe(0)
})

test('each share that is at work has its part of the time, and one with a backlog is not kept waiting for all of many', () => {
  const { began, restMs } = timeShares()
  began([first, second])
  expect(restMs(20)).toBe(40)
  began([third])
  began([third])
  expect(restMs(20)).toBe(80)
  began(Array.from({ length: 50 }, () => newId()))
  expect(restMs(20)).toBe(120)
})

test('a batch that stood still, or a clock that went back, makes nobody rest for long', () => {
  const { began, restMs } = timeShares()
  began([first, second])
  expect(restMs(30_000)).toBe(250)
  expect(restMs(-30_000)).toBe(0)
})
