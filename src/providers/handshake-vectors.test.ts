import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { checkHandshakeVector, isHandshakeVector } from './handshake-vectors.ts'
import { findProvider } from './registry.ts'

const judge = (vector: unknown) => checkHandshakeVector(vector, findProvider)

const META = {
  provider: 'meta',
  name: 'hub.challenge',
  config: { verifyToken: 'meatyhamhock' },
  request: { method: 'GET', query: 'hub.mode=subscribe&hub.challenge=%3Cb%3E1158&hub.verify_token=meatyhamhock' },
  response: {
    status: 200,
    contentType: 'text/plain',
    body: '<b>1158',
    headers: { 'X-Content-Type-Options': 'nosniff' },
  },
}
const ASANA = {
  provider: 'asana',
  name: 'x-hook-secret',
  state: 'endpoint pending',
  request: { method: 'POST', headers: { 'X-Hook-Secret': 'b537207f20cbfa02' }, body: '{}' },
  response: { status: 200, headers: { 'X-Hook-Secret': 'b537207f20cbfa02' } },
  capture: { secret: 'b537207f20cbfa02' },
}
const slack = (change: object = {}) => {
  const body = '{"challenge":"abc","type":"url_verification"}'
  const signature = createHmac('sha256', 'a-signing-secret').update(`v0:1767225600:${body}`).digest('hex')
  return {
    provider: 'slack',
    name: 'url_verification',
    secret: 'a-signing-secret',
    validAtEpochSeconds: 1767225605,
    request: {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'X-Slack-Request-Timestamp': '1767225600',
        'X-Slack-Signature': `v0=${signature}`,
      },
      body,
    },
    response: { status: 200, contentType: 'text/plain', body: 'abc' },
    ...change,
  }
}

test('an entry with request and response is a set-up exchange; one with headers and a body is a signature', () => {
  expect(isHandshakeVector(META)).toBe(true)
  for (const each of [{ headers: {}, rawBodyBase64: '' }, null, 7, []]) expect(isHandshakeVector(each)).toBe(false)
})

test('the right answer agrees, with what it is called', () => {
  expect(judge(META)).toEqual({
    id: 'meta/hub.challenge',
    expect: 'answered',
    actual: 'answered',
    reason: 'answered_hub.challenge',
  })
  expect(judge(ASANA).actual).toBe('answered')
  expect(judge(slack()).actual).toBe('answered')
})

describe('what is answered otherwise says how', () => {
  test.each([
    ['status_200', { ...META, response: { ...META.response, status: 204 } }],
    ['status_403', { ...META, config: { verifyToken: 'another' } }],
    ['status_403', { ...META, config: {} }],
    ['content_type_differs', { ...META, response: { ...META.response, contentType: 'text/html' } }],
    ['body_differs', { ...META, response: { ...META.response, body: '1158' } }],
    [
      'header_x-content-type-options_differs',
      { ...META, response: { status: 200, headers: { 'X-Content-Type-Options': 'x' } } },
    ],
    ['json_differs', { ...META, response: { status: 200, json: {} } }],
    ['capture_differs', { ...ASANA, capture: undefined }],
    ['capture_differs', { ...ASANA, capture: { secret: 'other' } }],
    ['capture_differs', { ...META, capture: { secret: 'x' } }],
  ])('%s', (reason, vector) => {
    expect(judge(vector)).toMatchObject({ actual: 'answered_otherwise', reason })
  })
})

test('a signed exchange is answered only when its signature is right and in time', () => {
  for (const change of [{ secret: 'another-secret' }, { validAtEpochSeconds: 1767229205 }])
    expect(judge(slack(change))).toMatchObject({ actual: 'not_answered', reason: 'refused_unverified' })
  expect(judge(slack({ secret: 'another-secret', response: { status: 401 } }))).toMatchObject({
    actual: 'answered',
    reason: 'refused_unverified',
  })
})

test('an entry without a secret asks what a signed request would be answered', () => {
  const ping = {
    provider: 'discord',
    name: 'ping',
    request: { method: 'POST', body: '{"version":1,"type":0}' },
    response: { status: 204, body: '' },
  }
  expect(judge(ping).actual).toBe('answered')
  expect(judge({ ...ping, response: { status: 200 } })).toMatchObject({ reason: 'status_204' })
  expect(judge({ ...ping, response: { status: 401 } })).toMatchObject({ reason: 'refused_unverified' })
})

test('a secret is captured only while pending: over a stored one the greeting is refused', () => {
  expect(judge({ ...ASANA, state: 'endpoint active' }).actual).toBe('not_answered')
  expect(judge({ ...ASANA, state: 'endpoint active', capture: undefined, response: { status: 401 } }).actual).toBe(
    'answered',
  )
})

test('where the provider prescribes the refusal, no other will do', () => {
  const xero = { provider: 'xero', name: 'bad', secret: 'xero-key', request: { method: 'POST', body: '{"events":[]}' } }
  expect(judge({ ...xero, response: { status: 401 } }).actual).toBe('answered')
  expect(judge({ ...xero, response: { status: 403 } }).actual).toBe('not_answered')
})

test('what cannot be read is unsupported, never skipped', () => {
  const malformed = [
    { ...META, request: {} },
    { ...META, request: { method: 'GET', headers: 'x' } },
    { ...META, request: { ...META.request, headers: { a: 1 } } },
    { ...META, response: {} },
    { ...META, secret: 7 },
    { ...META, validAtEpochSeconds: 'now' },
  ]
  for (const each of malformed) expect(judge(each)).toMatchObject({ actual: 'unsupported', reason: 'vector_malformed' })
  expect(judge({ ...META, provider: '__proto__' })).toMatchObject({ actual: 'unsupported', reason: 'provider_unknown' })
  expect(judge({ ...META, variant: 'none' })).toMatchObject({ actual: 'unsupported', reason: 'scheme_unknown' })
})
