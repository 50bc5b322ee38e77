import { expect, test } from 'vitest'
import { createRedactor } from './redact.ts'

const SECRET = 'whsec_0123456789abcdef'

test.each([
  ['as it is', SECRET],
  ['in a URL', encodeURIComponent('a+b/c=d e'), 'a+b/c=d e'],
  ['in base64', Buffer.from(SECRET).toString('base64')],
  ['in hex', Buffer.from(SECRET).toString('hex')],
])('a secret %s is left out', (_, written, secret = SECRET) => {
  expect(createRedactor([secret]).text(`before ${written} after`)).toBe('before [redacted] after')
})

test('headers that prove something are cut short, all others are shown', () => {
  const { head } = createRedactor([])
  const shown = head(
    'POST / HTTP/1.1',
    [
      ['Stripe-Signature', `t=1796049983,v1=${'a'.repeat(64)}`],
      ['Authorization', 'Bearer x'],
      ['X-Event', 'paid'],
    ],
    Buffer.from('{"a":1}'),
  )
  expect(shown).toBe(
    'POST / HTTP/1.1\nStripe-Signature: t=1796…[80 characters]\nAuthorization: [8 characters]\nX-Event: paid\n\n{"a":1}',
  )
})

test('a large body is cut, an empty one is not there, and thousands of headers are counted', () => {
  const { head } = createRedactor([])
  expect(head('x', [], Buffer.alloc(5_000, 'a'))).toContain('… 5000 bytes in all')
  expect(head('x', [], Buffer.alloc(0))).toBe('x')
  const many = Array.from({ length: 5_000 }, (_, index) => [`h${index}`, 'v'] as const)
  expect(head('x', many, Buffer.alloc(0))).toContain('… 4960 more headers')
})

test('keys of known kinds are never shown, whosever they are', () => {
  expect(createRedactor([]).text('{"key":"AKIAQ2W3E4R5T6Y7U8I9"}')).toBe('{"key":"[a key]"}')
})
