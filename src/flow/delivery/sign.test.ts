import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { readSigningKey, signWebhook } from './sign.ts'

const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
const key = readSigningKey(secret)!
const timestamp = Math.floor(Date.now() / 1000)

test('the reference library accepts what we sign', () => {
  const body = Buffer.from('{"a":"ü"}')
  const headers = signWebhook(key, { id: 'evt_1', timestamp, body })
  expect(new Webhook(secret).verify(body, headers)).toEqual({ a: 'ü' })
})

test('it refuses another body, id or time under the same signature', () => {
  const headers = signWebhook(key, { id: 'evt_1', timestamp, body: Buffer.from('{}') })
  const verify = (changes: Record<string, string>, body = '{}') =>
    new Webhook(secret).verify(body, { ...headers, ...changes })
  expect(() => verify({}, '{} ')).toThrow()
  expect(() => verify({ 'webhook-id': 'evt_2' })).toThrow()
  expect(() => verify({ 'webhook-timestamp': String(timestamp + 1) })).toThrow()
})

test('bytes that are no text are signed as they are', () => {
  const bytes = Buffer.from([0, 255, 254, 10])
  const latin1 = signWebhook(key, { id: 'evt_1', timestamp, body: bytes })
  const utf8 = signWebhook(key, { id: 'evt_1', timestamp, body: Buffer.from(bytes.toString('utf8')) })
  expect(latin1).not.toEqual(utf8)
})

test.each([
  '',
  'whsec_',
  'secret',
  'whsec_not base64',
  `whsec_${Buffer.alloc(8).toString('base64')}`,
])('%j is no signing secret', (text) => {
  expect(readSigningKey(text)).toBeUndefined()
})
