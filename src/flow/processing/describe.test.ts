import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newId, publicId } from '../../base/model/ids.ts'
import type { EventToProcess } from '../../resources/store/processing.ts'
import { createDescribe, createDocument, type EventDefinition } from './describe.ts'

const acme: EventDefinition = {
  id: 'acme',
  payload: [{ kind: 'json-object' }],
  event: { id: 'body:$.eventId', type: 'body:$.eventType', subject: 'body:$.data.id', occurredAt: 'body:$.occurredAt' },
}
const receivedAt = new Date('2026-05-05T00:00:00Z')
const describeEvent = createDescribe((id) => (id === 'acme' ? acme : undefined))

const anEvent = (fields: Partial<EventToProcess> = {}): EventToProcess => ({
  eventId: newId(),
  id: newId(),
  worker: newId(),
  fence: 1,
  tenantId: newId(),
  integrationId: newId(),
  provider: 'acme',
  type: null,
  receivedAt,
  scheme: 'hmac',
  keyId: newId(),
  coverage: 'body',
  method: 'POST',
  target: '/api/v1/webhooks/acme',
  contentType: 'application/json',
  headers: '[["Content-Type","application/json"]]',
  body: Buffer.from('{}'),
  ...fields,
})

test('type, subject and time come from where the definition says', () => {
  const body = Buffer.from('{"eventType":"order.created","occurredAt":"2026-01-02T03:04:05Z","data":{"id":"o1"}}')
  expect(describeEvent(anEvent({ body }))).toEqual({
    type: 'order.created',
    subject: 'o1',
    occurredAt: new Date('2026-01-02T03:04:05Z'),
    odd: false,
  })
})

test.each([
  ['no JSON', Buffer.from('{"eventType":')],
  ['a list', Buffer.from('[1,2]')],
  ['nothing', Buffer.alloc(0)],
  ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ['brackets without end', Buffer.from('['.repeat(100_000))],
])('%s is described as odd, not thrown', (_, body) => {
  expect(describeEvent(anEvent({ body }))).toMatchObject({ odd: true, type: 'unknown', occurredAt: receivedAt })
})

test.each([
  ['an unknown provider', anEvent({ provider: 'gone' })],
  ['a body that is no longer kept', anEvent({ body: null })],
  ['headers that are no list', anEvent({ headers: '{"a":1' })],
])('%s is described as odd', (_, event) => {
  expect(describeEvent(event).odd).toBe(true)
})

test('values of the wrong kind, too long or with NUL name nothing', () => {
  for (const value of [{ a: 1 }, null, 'x'.repeat(10_000), 'a\u0000b', '\ud800']) {
    const described = describeEvent(anEvent({ body: Buffer.from(JSON.stringify({ eventType: value })) }))
    expect(described).toMatchObject({ type: 'unknown' })
  }
})

test('whatever the bytes, headers and content type are, there is a description (S-36)', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.option(fc.string()),
      fc.option(fc.string()),
      fc.json(),
      (bytes, contentType, headers, json) => {
        for (const body of [Buffer.from(bytes), Buffer.from(json)]) {
          expect(typeof describeEvent(anEvent({ body, contentType, headers })).odd).toBe('boolean')
        }
      },
    ),
  )
})

describe('the document that filters and transforms see', () => {
  const documentOf = createDocument((id) => (id === 'acme' ? acme : undefined))

  test('holds the request, the body and the attributes', () => {
    const event = anEvent({
      target: '/api/v1/webhooks/acme?mode=live',
      headers: '[["X-Topic","orders"]]',
      body: Buffer.from('{"eventId":"a1","eventType":"order.created","data":{"id":"o1"}}'),
    })
    expect(documentOf(event)).toEqual({
      method: 'POST',
      path: '/api/v1/webhooks/acme',
      query: new Map([['mode', 'live']]),
      headers: new Map([['x-topic', 'orders']]),
      body: { eventId: 'a1', eventType: 'order.created', data: { id: 'o1' } },
      attributes: {
        id: 'a1',
        source: '/providers/acme',
        type: 'order.created',
        subject: 'o1',
        time: receivedAt,
        datacontenttype: 'application/json',
        provider: 'acme',
        integrationid: publicId('integration', event.integrationId),
      },
    })
  })

  test.each<[string, Partial<EventToProcess>]>([
    ['no JSON', { body: Buffer.from('{"eventType":') }],
    ['no body any more', { body: null }],
    ['headers that are no list', { headers: '{"a":1' }],
    ['a provider that is gone', { provider: 'gone' }],
  ])('of an event with %s has no body, and says what is known', (_, fields) => {
    const document = documentOf(anEvent(fields))
    expect(document).toMatchObject({ body: null, attributes: { type: 'unknown', time: receivedAt } })
  })
})
