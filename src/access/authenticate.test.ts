import { describe, expect, test } from 'vitest'
import { rootKeyAuthenticator } from './authenticate.ts'
import { ROOT } from './principal.ts'

const KEY = 'correct-horse-battery'
const authenticate = rootKeyAuthenticator(KEY)

describe('the management key', () => {
  test('opens the door in whatever case the header is written', () => {
    expect(authenticate(['X-Internal-API-Key', KEY])).toBe(ROOT)
    expect(authenticate(['host', 'a', 'x-internal-api-key', KEY])).toBe(ROOT)
  })

  test.each([
    ['is missing', []],
    ['is empty', ['x-internal-api-key', '']],
    ['is a prefix', ['x-internal-api-key', KEY.slice(0, -1)]],
    ['has one character too many', ['x-internal-api-key', `${KEY}x`]],
    ['differs in case', ['x-internal-api-key', KEY.toUpperCase()]],
    ['is given twice, both right', ['x-internal-api-key', KEY, 'X-Internal-Api-Key', KEY]],
    ['is given twice, the first right', ['x-internal-api-key', KEY, 'x-internal-api-key', 'other']],
    ['is given twice, the second right', ['x-internal-api-key', 'other', 'x-internal-api-key', KEY]],
    ['stands in another header', ['authorization', `Bearer ${KEY}`]],
    ['is joined with itself', ['x-internal-api-key', `${KEY}, ${KEY}`]],
  ])('does not open it when it %s', (_why, headers) => {
    expect(authenticate(headers)).toBeUndefined()
  })

  test('compares bytes, so that a key with other than ASCII characters works as it is sent', () => {
    const key = 'Schlüssel-für-alle-Türen'
    const asReceived = Buffer.from(key, 'utf8').toString('latin1')
    expect(rootKeyAuthenticator(key)(['x-internal-api-key', asReceived])).toBe(ROOT)
  })

  test('S-76: there is no anonymous mode: an empty or short key stops the start', () => {
    for (const key of ['', '   ', 'short', ' '.repeat(40)]) expect(() => rootKeyAuthenticator(key)).toThrow(/16/)
  })
})
