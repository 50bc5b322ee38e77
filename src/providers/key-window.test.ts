import { expect, test } from 'vitest'
import { newId } from '../base/model/ids.ts'
import { compileScheme, type PreparedKey } from './compile.ts'
import { findProvider } from './registry.ts'
import { activeKeys } from './verify.ts'

const FROM = 1_767_225_600_000
const UNTIL = FROM + 60_000

const keys = (...windows: readonly { notBefore?: Date; notAfter?: Date }[]): readonly PreparedKey[] => {
  const scheme = findProvider('github')?.schemes[0]
  if (scheme === undefined) throw new Error('no scheme')
  const material = 'key-window-test-secret'
  return compileScheme(
    scheme,
    windows.map((window) => ({ id: newId(), material, ...window })),
  ).keys
}
const [between] = [{ notBefore: new Date(FROM), notAfter: new Date(UNTIL) }]

test.each([
  ['a moment before its window', FROM - 1, 0],
  ['at the first moment of its window', FROM, 1],
  ['at the last moment of its window', UNTIL - 1, 1],
  ['when its window ends', UNTIL, 0],
])('%s a key counts or does not', (_, now, count) => {
  expect(activeKeys(keys(between), now)).toHaveLength(count)
})

test('of several keys those whose window is open stay, in their order', () => {
  const all = keys({}, between, { notAfter: new Date(FROM - 1) }, { notBefore: new Date(UNTIL) }, {})
  const open = activeKeys(all, FROM)
  expect(open).toEqual([all[0], all[1], all[4]])
  // The rotation has ended: the one that follows is open, the one before is not.
  expect(activeKeys(all, UNTIL)).toEqual([all[0], all[3], all[4]])
})

test('without a clock only keys without any window count', () => {
  const all = keys({}, { notBefore: new Date(FROM) }, { notAfter: new Date(UNTIL) }, between)
  expect(activeKeys(all, 'no-clock')).toEqual([all[0]])
})

test('keys that are all active are handed on as they are', () => {
  const all = keys({}, {})
  expect(activeKeys(all, FROM)).toBe(all)
})
