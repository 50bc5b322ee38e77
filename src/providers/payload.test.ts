/**
 * Bodies, names and identity: what may be read out of a verified request, and what an outsider cannot change.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { newId } from '../base/model/ids.ts'
import { type Payload, readPayload } from './body.ts'
import { compileEvent } from './extract.ts'
import { identityOf } from './identity.ts'
import { normalise } from './normalise.ts'
import type { Verified } from './outcome.ts'
import { findProvider, providers } from './registry.ts'
import { compileSource, MAX_VALUE_LENGTH } from './source.ts'

const of = (id: string) => findProvider(id)!
const read = (id: string, type: string | undefined, body: string | Buffer) =>
  readPayload(of(id), type, Buffer.from(body))
const VERIFIED: Verified = {
  ok: true,
  scheme: 's',
  keyId: newId(),
  coverage: 'body',
  covers: { body: true, url: false, headers: [], members: [], fields: [] },
  content: 'body',
}

test('a missing content type means the provider’s first shape; a wrong one is refused', () => {
  expect(read('stripe', undefined, '{"a":1}')).toMatchObject({ ok: true, value: { a: 1 } })
  for (const type of [
    'application/json',
    'Application/JSON; charset=utf-8',
    'application/cloudevents+json',
    '',
    '  ',
  ]) {
    expect(read('stripe', type, '{}').ok, type).toBe(true)
  }
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    'json',
    'text/html,application/json',
  ]) {
    expect(read('stripe', type, '{}'), type).toEqual({ ok: false, reason: 'content_type' })
  }
  expect(read('twilio', 'multipart/form-data; boundary=x', 'a=1')).toEqual({ ok: false, reason: 'content_type' })
})

test('a provider of objects gets objects only; empty bodies only where they occur', () => {
  for (const body of ['[]', '1', '"a"', 'null', 'true'])
    expect(read('stripe', undefined, body)).toEqual({ ok: false, reason: 'not_object' })
  expect(read('sendgrid', undefined, '[]').ok).toBe(true)
  expect(read('stripe', undefined, '')).toEqual({ ok: false, reason: 'empty' })
  expect(read('svix', 'application/json', '')).toMatchObject({ ok: true, kind: 'empty', value: null })
  expect(read('stripe', undefined, '['.repeat(100_000))).toEqual({ ok: false, reason: 'too_deep' })
  expect(read('stripe', undefined, '\ufeff{}')).toEqual({ ok: false, reason: 'not_json' })
  expect(read('stripe', undefined, Buffer.from('{"a":"\xff"}', 'latin1'))).toEqual({ ok: false, reason: 'not_utf8' })
})

test('GitHub’s form holds its JSON in `payload`, within the same bounds', () => {
  const form = 'application/x-www-form-urlencoded'
  expect(read('github', form, `payload=${encodeURIComponent('{"action":"opened"}')}`)).toMatchObject({
    kind: 'form',
    value: { action: 'opened' },
  })
  expect(read('github', form, `payload=${'%5B'.repeat(1000)}`)).toEqual({ ok: false, reason: 'too_deep' })
  expect(read('github', form, 'payload=%5B%5D')).toEqual({ ok: false, reason: 'not_object' })
  expect(read('github', form, 'payload=%FF')).toEqual({ ok: false, reason: 'not_utf8' })
  expect(read('twilio', form, Array.from({ length: 1001 }, () => 'a').join('&'))).toEqual({
    ok: false,
    reason: 'too_many_fields',
  })
})

test('form fields named like object internals stay fields', () => {
  const payload = read('twilio', undefined, '__proto__=x&constructor=y&a=1&a=2&b=%zz+%C3%BC')
  expect(payload.ok && JSON.stringify(payload.value)).toBe(
    '{"__proto__":"x","constructor":"y","a":["1","2"],"b":"%zz ü"}',
  )
  expect(({} as { x?: unknown }).x).toBeUndefined()
})

function attributes(source: string, value: unknown) {
  const payload: Payload = { ok: true, kind: 'json', value, isJson: true }
  return compileEvent({ id: source })(
    { method: 'POST', url: '', headers: [], body: Buffer.alloc(0) },
    payload,
    VERIFIED,
  ).id?.value
}

test('only non-empty texts, numbers and booleans of own properties are values', () => {
  expect(attributes('body:$.a.b[1].c', { a: { b: [0, { c: 7 }] } })).toBe('7')
  expect(attributes('body:$.a | body:$.b', { a: '', b: 'x' })).toBe('x')
  expect(attributes('body:$.a', { a: 'x'.repeat(MAX_VALUE_LENGTH) })).toHaveLength(MAX_VALUE_LENGTH)
  for (const a of [
    '',
    'x'.repeat(MAX_VALUE_LENGTH + 1),
    'a\0b',
    '\ud800',
    null,
    undefined,
    {},
    [],
    [1],
    { toString: 'x' },
  ]) {
    expect(attributes('body:$.a', { a })).toBeUndefined()
  }
  for (const source of [
    'body:$.constructor.name',
    'body:$.__proto__.a',
    'body:$.length',
    'body:$.a.length',
    'body:$[0]',
  ]) {
    expect(attributes(source, { a: 'text' })).toBeUndefined()
    expect(attributes(source.replace('[0]', '.0'), ['text'])).toBeUndefined()
  }
  for (const wrong of ['$.a', 'body:a', 'body:$', 'cookie:a', 'header:', 'body:$.a[*]'])
    expect(() => compileSource(wrong)).toThrow()
})

test('reading and normalising never throw, whatever JSON arrives', () => {
  const readers = [...providers.values()].map((definition) => ({ definition, reader: compileEvent(definition.event) }))
  fc.assert(
    fc.property(fc.jsonValue(), fc.array(fc.tuple(fc.string(), fc.string())), fc.string(), (value, headers, url) => {
      for (const { definition, reader } of readers) {
        const found = reader(
          { method: 'POST', url, headers, body: Buffer.alloc(0) },
          { ok: true, kind: 'json', value, isJson: true },
          VERIFIED,
        )
        const event = normalise(definition, { eventId: 'ours', receivedAt: new Date(0), attributes: found })
        expect(event.id.length * event.type.length).toBeGreaterThan(0)
        expect(event.occurredAt).toMatch(/^\d{4}-\d\d-\d\dT/)
      }
    }),
  )
})

test.each([
  ['1767225600', '2026-01-01T00:00:00.000Z'],
  ['1767225600000', '2026-01-01T00:00:00.000Z'],
  ['1767225600.25', '2026-01-01T00:00:00.250Z'],
  ['2026-01-01T02:00:00+02:00', '2026-01-01T00:00:00.000Z'],
  ['2026-01-01T00:00:00.123456789Z', '2026-01-01T00:00:00.123Z'],
  ['2026-01-01', '1970-01-01T00:00:00.000Z'],
  ['yesterday', '1970-01-01T00:00:00.000Z'],
  ['-1', '1970-01-01T00:00:00.000Z'],
  ['999999999999999', '1970-01-01T00:00:00.000Z'],
])('the time %s is %s, or the time of arrival when it cannot be read', (value, expected) => {
  const event = { eventId: 'e', receivedAt: new Date(0), attributes: { occurredAt: { value, covered: true } } }
  expect(normalise(of('acme'), event).occurredAt).toBe(expected)
})

test('a captured request with unsigned headers changed stays the same event', () => {
  for (const [id, header] of [
    ['github', 'X-GitHub-Delivery'],
    ['shopify', 'X-Shopify-Webhook-Id'],
    ['svix', 'webhook-id'],
    ['gitlab', 'Idempotency-Key'],
    ['twilio', 'I-Twilio-Idempotency-Token'],
  ] as const) {
    const payload: Payload = { ok: true, kind: 'json', value: {}, isJson: true }
    const identity = (value: string, verified: Verified) => {
      const request = { method: 'POST', url: '', headers: [[header, value]] as const, body: Buffer.alloc(0) }
      return identityOf(of(id), verified, compileEvent(of(id).event)(request, payload, verified), 0)
    }
    for (const verified of [VERIFIED, { ...VERIFIED, signedId: 'msg_1' }]) {
      expect(identity('another', verified), id).toEqual(identity('one', verified))
    }
  }
})
