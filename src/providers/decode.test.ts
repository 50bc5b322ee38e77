import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decode, decodeBase64Unpadded, encode } from './decode.ts'
import type { Encoding } from './definition.ts'

const ENCODINGS: readonly Encoding[] = ['hex', 'hex-lower', 'base64', 'base64url']

test('what is encoded decodes to the same bytes, in every encoding', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.constantFrom(...ENCODINGS), (bytes, encoding) => {
      expect(decode(encode(Buffer.from(bytes), encoding), encoding)).toEqual(Buffer.from(bytes))
    }),
  )
})

test('any text that decodes is the one canonical text of its bytes', () => {
  const alphabet = fc.constantFrom(...'ABCXYZabcxyz0189+/-_= \n,')
  fc.assert(
    fc.property(fc.string({ unit: alphabet, maxLength: 24 }), fc.constantFrom(...ENCODINGS), (text, encoding) => {
      const bytes = decode(text, encoding)
      if (bytes !== undefined) expect(encode(bytes, encoding)).toBe(encoding === 'hex' ? text.toLowerCase() : text)
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ['hex', 'abc'],
  ['hex', ''],
  ['hex', '0x12'],
  ['hex', 'ab\n'],
  ['hex', ' ab'],
  ['hex-lower', 'AB'],
  ['base64', ''],
  ['base64', 'QQ'],
  ['base64', 'QR=='],
  ['base64', 'QUJ='],
  ['base64', 'QQ==\n'],
  ['base64', 'Q Q='],
  ['base64', 'QQ==QQ=='],
  ['base64', '-_8='],
  ['base64', '===='],
  ['base64url', 'QR'],
  ['base64url', 'QQ=='],
  ['base64url', '+/8'],
  ['base64url', ''],
] as const)('%s refuses %o', (encoding, text) => {
  expect(decode(text, encoding)).toBeUndefined()
})

test('pasted keys may lack padding and nothing else', () => {
  expect(decodeBase64Unpadded('QQ')).toEqual(Buffer.from('A'))
  expect(decodeBase64Unpadded('QQ==')).toEqual(Buffer.from('A'))
  for (const text of ['QR', 'Q', 'QQ=', '', '====']) expect(decodeBase64Unpadded(text)).toBeUndefined()
})
