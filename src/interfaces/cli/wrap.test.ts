import { expect, test } from 'vitest'
import { wrapLines } from './wrap.ts'

test('a line that is too long goes on further in, and colours take no room', () => {
  expect(wrapLines('  one two three four', 12)).toBe('  one two\n    three\n    four')
  expect(wrapLines('\u001b[31mone two\u001b[0m', 7)).toBe('\u001b[31mone two\u001b[0m')
})

test('a word without a gap stays whole, and source stands as it is', () => {
  expect(wrapLines('    a 0123456789012345678901234567', 20)).toBe('    a\n      0123456789012345678901234567')
  const source = '      > 12 |   const a = someVeryLongCall(withAnArgument, andAnother)'
  expect(wrapLines(source, 40)).toBe(source)
})
