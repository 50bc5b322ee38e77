import { expect, test } from 'vitest'
import { newId, type Uuid } from '../base/model/ids.ts'
import { createTimeShares } from './time-shares.ts'

const [first, second, third] = [newId(), newId(), newId()]

function timeShares(...behind: readonly Uuid[]) {
  let at = 1_000_000
  const { began, restMs } = createTimeShares(() => at)
  return {
    began,
    restMs: (tookMs: number) => restMs(tookMs, (share) => behind.includes(share)),
    pass: (ms: number) => {
      at += ms
    },
  }
}

test('alone, or when nobody else has begun anything lately, there is no rest', () => {
  const { began, restMs, pass } = timeShares(first)
  began([first])
  expect(restMs(40)).toBe(0)
  began([second])
  pass(900)
  began([first])
  expect(restMs(40)).toBe(80)
  pass(100)
  expect(restMs(40)).toBe(0)
})

test('each share that keeps up is left its part of the time, but one that is behind is not kept waiting for all of many', () => {
  const { began, restMs } = timeShares(first)
  began([first, second])
  expect(restMs(20)).toBe(40)
  began([third])
  began([third])
  expect(restMs(20)).toBe(80)
  began(Array.from({ length: 50 }, () => newId()))
  expect(restMs(20)).toBe(120)
})

test('among shares that are all behind nobody rests: the machine would stand still for nobody', () => {
  const { began, restMs } = timeShares(first, second, third)
  began([first, second, third])
  expect(restMs(20)).toBe(0)
  began([newId()])
  expect(restMs(20)).toBe(40)
})

test('a batch that stood still, or a clock that went back, makes nobody rest for long', () => {
  const { began, restMs } = timeShares(first)
  began([first, second])
  expect(restMs(30_000)).toBe(250)
  expect(restMs(-30_000)).toBe(0)
})
