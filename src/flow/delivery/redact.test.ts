import { expect, test } from 'vitest'
import { redactResponse } from './redact.ts'

const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`
const redacted = (text: string) => redactResponse(Buffer.from(text), [secret]).toString()

test('secrets that a receiver echoes are not kept', () => {
  const bare = secret.slice('whsec_'.length)
  const page = redacted(
    `secret=${secret}; bare=${bare}; Authorization: Bearer abc.def-ghi_jkl; authorization: Basic dXNlcjpwYXNz; other=whsec_Zm9vYmFy`,
  )
  for (const leaked of [secret, bare, 'abc.def', 'dXNlcjpwYXNz', 'Zm9vYmFy']) expect(page).not.toContain(leaked)
  expect(page).toContain('other=[redacted]')
})

test('a signature of ours is not kept either', () => {
  expect(redacted(`got v1,${Buffer.alloc(32, 5).toString('base64')}`)).toBe('got [redacted]')
})

test('everything else is kept byte for byte, text or not', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
  expect(redactResponse(bytes, [secret])).toEqual(bytes)
  expect(redacted('the bearer of this news')).toBe('the bearer of this news')
})
