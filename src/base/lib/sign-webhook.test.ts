import { createPublicKey, verify as verifySignature } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { readSigningKey, signWebhook } from './sign-webhook.ts'

const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
const key = readSigningKey('v1', secret)!
const timestamp = Math.floor(Date.now() / 1000)

test('the reference library accepts what we sign', () => {
  const body = Buffer.from('{"a":"ü"}')
  const headers = signWebhook([key], { id: 'evt_1', timestamp, body })
  expect(new Webhook(secret).verify(body, headers)).toEqual({ a: 'ü' })
})

test('it refuses another body, id or time under the same signature', () => {
  const headers = signWebhook([key], { id: 'evt_1', timestamp, body: Buffer.from('{}') })
  const verify = (changes: Record<string, string>, body = '{}') =>
    new Webhook(secret).verify(body, { ...headers, ...changes })
  expect(() => verify({}, '{} ')).toThrow()
  expect(() => verify({ 'webhook-id': 'evt_2' })).toThrow()
  expect(() => verify({ 'webhook-timestamp': String(timestamp + 1) })).toThrow()
})

test('bytes that are no text are signed as they are', () => {
  const bytes = Buffer.from([0, 255, 254, 10])
  const latin1 = signWebhook([key], { id: 'evt_1', timestamp, body: bytes })
  const utf8 = signWebhook([key], { id: 'evt_1', timestamp, body: Buffer.from(bytes.toString('utf8')) })
  expect(latin1).not.toEqual(utf8)
})

test.each([
  '',
  'whsec_',
  'secret',
  'whsec_not base64',
  `whsec_${Buffer.alloc(8).toString('base64')}`,
])('%j is no signing secret', (text) => {
  expect(readSigningKey('v1', text)).toBeUndefined()
  expect(readSigningKey('v1a', text)).toBeUndefined()
})

test('while one secret replaces another, a receiver that knows either accepts', () => {
  const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`
  const body = Buffer.from('{}')
  const headers = signWebhook([readSigningKey('v1', other)!, key], { id: 'evt_1', timestamp, body })
  for (const known of [secret, other]) expect(new Webhook(known).verify(body, headers)).toEqual({})
  const third = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  expect(() => new Webhook(third).verify(body, headers)).toThrow()
})

test('v1a is Ed25519 over the same content, and stands beside v1', () => {
  const asymmetric = readSigningKey('v1a', `whsk_${Buffer.alloc(32, 3).toString('base64')}`)!
  const body = Buffer.from('{"a":1}')
  const headers = signWebhook([key, asymmetric], { id: 'evt_1', timestamp, body })
  expect(new Webhook(secret).verify(body, headers)).toEqual({ a: 1 })
  const signature = Buffer.from(headers['webhook-signature']!.split(' v1a,')[1]!, 'base64')
  if (asymmetric.scheme !== 'v1a') throw new Error('not asymmetric')
  const publicKey = createPublicKey(asymmetric.key)
  const check = (text: string) => verifySignature(null, Buffer.from(text), publicKey, signature)
  expect(check(`evt_1.${timestamp}.{"a":1}`)).toBe(true)
  expect(check(`evt_1.${timestamp}.{"a":2}`)).toBe(false)
})
