/**
 * Bodies, names and identity: what may be read out of a verified request, and what an outsider cannot change.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newId } from '../base/model/ids.ts'
import { type Payload, readPayload } from './body.ts'
import type { PayloadShape } from './definition.ts'
import { compileEvent, isCoveredPath, materialOf } from './extract.ts'
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

describe('which parser runs', () => {
  const JSON_BODY = { ok: true, kind: 'json', value: { a: 1 }, isJson: true }
  const OPAQUE = { ok: true, kind: 'opaque', value: null, isJson: false }
  const WRONG = { ok: false, reason: 'content_type' }
  const json: PayloadShape = { kind: 'json', contentTypes: ['text/plain'] }
  const opaque: PayloadShape = { kind: 'opaque', contentTypes: ['text/csv', 'text/xml'] }
  test.each<[string | undefined, PayloadShape, unknown]>([
    ['text/plain', json, JSON_BODY],
    ['application/json', json, JSON_BODY],
    [' application/json ; x', json, JSON_BODY],
    ['application/a+json', json, JSON_BODY],
    ['application/a.b-1+json', json, JSON_BODY],
    ['application/a_b+json', json, WRONG],
    ['application/+json', json, WRONG],
    ['application/a+jsonx', json, WRONG],
    ['x-application/a+json', json, WRONG],
    ['text/xml', json, WRONG],
    ['application/json', { kind: 'form' }, WRONG],
    ['text/xml', opaque, OPAQUE],
    ['application/json', opaque, WRONG],
    [undefined, opaque, OPAQUE],
  ])('%s of %o', (type, shape, wanted) =>
    expect(readPayload({ payload: [shape] }, type, Buffer.from('{"a":1}'))).toStrictEqual(wanted))

  test('of two, the one that the header names, and never the empty one for a body', () => {
    const of = (type: string | undefined, body: string) =>
      readPayload({ payload: [{ kind: 'empty' }, { kind: 'json-object' }, { kind: 'form' }] }, type, Buffer.from(body))
    expect(of(undefined, '{"a":1}')).toStrictEqual(JSON_BODY)
    expect(of(undefined, '[1]')).toStrictEqual({ ok: false, reason: 'not_object' })
    expect(of('application/x-www-form-urlencoded', 'a=1')).toMatchObject({ kind: 'form', value: { a: '1' } })
    expect(of(undefined, '')).toStrictEqual({ ok: true, kind: 'empty', value: null, isJson: false })
  })
})

describe('forms', () => {
  const form = (shape: Partial<Extract<PayloadShape, { kind: 'form' }>>, body: string) =>
    readPayload({ payload: [{ kind: 'form', ...shape }] }, undefined, Buffer.from(body))

  test('as fields, in which a repeated name is a list', () => {
    expect(form({}, 'a=1&b=2&a=3&a=3')).toStrictEqual({
      ok: true,
      kind: 'form',
      value: { a: ['1', '3', '3'], b: '2' },
      isJson: false,
      fields: [
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
        ['a', '3'],
      ],
    })
  })

  test('one name or value that is not UTF-8 refuses all', () => {
    for (const body of ['a=1&b=%FF', '%FF=1&b=2', 'a=%C3'])
      expect(form({}, body), body).toEqual({ ok: false, reason: 'not_utf8' })
  })

  test('JSON in the field that is named, and fields where it is missing', () => {
    expect(form({ json: 'p' }, 'a=1&p={"b":"%C3%BC"}')).toStrictEqual({
      ok: true,
      kind: 'form',
      value: { b: 'ü' },
      isJson: true,
      fields: [
        ['a', '1'],
        ['p', '{"b":"\u00c3\u00bc"}'],
      ],
    })
    expect(form({ json: 'p' }, 'a=1')).toMatchObject({ kind: 'form', isJson: false, value: { a: '1' } })
    expect(form({ json: 'p', list: true }, 'p=[1]')).toMatchObject({ ok: true, value: [1] })
    expect(form({ json: 'p', list: false }, 'p=[1]')).toEqual({ ok: false, reason: 'not_object' })
  })
})

describe('what a value is covered by', () => {
  const NOTHING = { body: false, url: false, headers: [], members: [], fields: [] }
  test.each<[string, Partial<Verified['covers']>, boolean]>([
    ['signed:id', {}, true],
    ['claim:a', {}, true],
    ['text:a', { body: true, url: true }, false],
    ['text:a + text:b', { body: true, url: true }, false],
    ['text:a + claim:a', {}, true],
    ['claim:a + text:a', {}, true],
    ['body:$.a', {}, false],
    ['body:$.a', { body: true }, true],
    ['body:$.a', { members: [['b'], ['a']] }, true],
    ['body:$.a', { members: [['b']] }, false],
    ['member:$.a', { body: true }, true],
    ['member:$.a', {}, false],
    ['form:a', {}, false],
    ['form:a', { body: true }, true],
    ['form:a', { fields: ['a'] }, true],
    ['form:a', { fields: ['b'] }, false],
    ['element:a', { url: true }, false],
    ['element:a', { body: true }, true],
    ['query:a', { body: true }, false],
    ['query:a', { url: true }, true],
    ['header:A', { body: true, url: true }, false],
    ['header:A', { headers: ['b', 'a'] }, true],
    ['body:$.a + query:a', { body: true }, false],
    ['body:$.a + query:a', { body: true, url: true }, true],
  ])('%s by %o', (source, covers, wanted) => {
    const [path] = compileSource(source)
    expect(isCoveredPath(path!, { covers: { ...NOTHING, ...covers } })).toBe(wanted)
  })

  const named = (sources: Parameters<typeof compileEvent>[0], value: unknown, covers = NOTHING) => {
    const request = { method: 'POST', url: '/?q=query', headers: [['A', 'header']] as const, body: Buffer.alloc(0) }
    return compileEvent(sources)(request, { ok: true, kind: 'json', value, isJson: true }, { ...VERIFIED, covers })
  }

  test('what is covered is looked at first, then what is not, and words last', () => {
    const id = 'header:A | text:word | query:q'
    expect(named({ id }, {})).toStrictEqual({ id: { value: 'header', covered: false } })
    expect(named({ id }, {}, { ...NOTHING, url: true })).toStrictEqual({ id: { value: 'query', covered: true } })
    expect(named({ id: 'header:B | text:word | header:A' }, {})).toStrictEqual({
      id: { value: 'word', covered: false },
    })
    expect(named({ id: 'header:B | header:C' }, {})).toStrictEqual({})
  })

  test('each attribute that has a source and a value', () => {
    const sources = { id: 'body:$.i', type: 'query:q', tenant: 'body:$.t', subject: 'body:$.s', occurredAt: 'body:$.o' }
    expect(named(sources, { i: 1, t: 2, o: 4 }, { ...NOTHING, body: true })).toStrictEqual({
      id: { value: '1', covered: true },
      type: { value: 'query', covered: false },
      tenant: { value: '2', covered: true },
      occurredAt: { value: '4', covered: true },
    })
  })

  test('text of an opaque body is no JSON, and a request not verified has no claims', () => {
    const request = { method: 'POST', url: '', headers: [], body: Buffer.alloc(0) }
    expect(
      materialOf(request, { ok: true, kind: 'form', value: { a: 1 }, isJson: false, fields: [] }, undefined),
    ).toEqual({
      request,
      json: undefined,
      form: [],
      claims: undefined,
      signedId: undefined,
    })
    expect(materialOf(request, undefined, VERIFIED).json).toBeUndefined()
  })
})

describe('one shape for all', () => {
  const receivedAt = new Date('2000-01-01T00:00:00Z')
  const covered = true
  test('nothing is named: ours, unknown and the arrival', () => {
    expect(normalise({ id: 'p' }, { eventId: 'ours', receivedAt, attributes: {} })).toStrictEqual({
      id: 'ours',
      type: 'unknown',
      source: '/providers/p',
      occurredAt: '2000-01-01T00:00:00.000Z',
    })
  })

  test('all is named', () => {
    const attributes = {
      id: { value: 'i', covered },
      type: { value: 't', covered },
      tenant: { value: 'a/b ü', covered },
      subject: { value: 's', covered },
      occurredAt: { value: '1', covered },
    }
    expect(normalise({ id: 'p' }, { eventId: 'ours', receivedAt, attributes })).toStrictEqual({
      id: 'i',
      type: 't',
      source: '/providers/p/a%2Fb%20%C3%BC',
      subject: 's',
      occurredAt: '1970-01-01T00:00:01.000Z',
    })
  })

  const ARRIVAL = receivedAt.toISOString()
  test.each([
    ['0', '1970-01-01T00:00:00.000Z'],
    ['1.5', '1970-01-01T00:00:01.500Z'],
    ['1.', ARRIVAL],
    ['99999999999', '5138-11-16T09:46:39.000Z'],
    ['100000000000', '1973-03-03T09:46:40.000Z'],
    ['253402300799999', '9999-12-31T23:59:59.999Z'],
    ['253402300800000', ARRIVAL],
    ['0000000000000001', ARRIVAL],
    [' 1', ARRIVAL],
    ['1 ', ARRIVAL],
    ['0x10', ARRIVAL],
    ['1e3', ARRIVAL],
    ['1969-12-31T23:59:59Z', ARRIVAL],
    ['2026-01-01T00:00Z', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01T00:00:00.25Z', '2026-01-01T00:00:00.250Z'],
    ['2026-01-01T02:00:00+0200', '2026-01-01T00:00:00.000Z'],
    ['2025-12-31T19:00:00.5-05:00', '2026-01-01T00:00:00.500Z'],
    ['+002026-01-01T00:00:00Z', ARRIVAL],
    ['2026-01-01T00:00:00', ARRIVAL],
    ['2026-01-01T00:00:00.Z', ARRIVAL],
    ['2026-13-01T00:00:00Z', ARRIVAL],
  ])('the time %s is %s', (value, wanted) => {
    const event = { eventId: 'e', receivedAt, attributes: { occurredAt: { value, covered } } }
    expect(normalise({ id: 'p' }, event).occurredAt).toBe(wanted)
  })
})
