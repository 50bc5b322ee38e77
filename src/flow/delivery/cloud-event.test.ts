import { expect, test } from 'vitest'
import { cloudEvent } from './cloud-event.ts'

const attributes = {
  id: 'evt-1',
  source: '/providers/acme',
  type: 'order.paid',
  time: new Date('2026-01-02T03:04:05.678Z'),
  provider: 'acme',
}
const made = (contentType: string | null, body: string | Buffer) =>
  cloudEvent(attributes, contentType, Buffer.from(body)).toString()
const read = (contentType: string | null, body: string | Buffer) => JSON.parse(made(contentType, body))

test('has the required attributes, those of ours, and the payload', () => {
  expect(read('application/json', '{"total":5}')).toEqual({
    specversion: '1.0',
    id: 'evt-1',
    source: '/providers/acme',
    type: 'order.paid',
    time: '2026-01-02T03:04:05.678Z',
    provider: 'acme',
    datacontenttype: 'application/json',
    data: { total: 5 },
  })
})

test('JSON stands in it as it was written: no digit, order or repeated name is lost', () => {
  const body = '{ "id": 12345678901234567890, "b": 1.0, "a": "\\u00fc", "a": 2 }'
  expect(made('application/json; charset=utf-8', body)).toContain(`,"data":${body}}`)
  expect(made('application/vnd.acme+json', body)).toContain(`,"data":${body}}`)
  // Section 3.1.1: without a type it is taken for JSON.
  expect(made(null, body)).toContain(`,"data":${body}}`)
})

test.each([
  ['a form', 'application/x-www-form-urlencoded', 'a=1'],
  ['JSON that says it is text', 'text/plain', '{"a":1}'],
  ['what is only said to be JSON', 'application/json', '{"a":'],
  ['two values', 'application/json', '{"a":1} {"b":2}'],
  ['bytes that are no text', 'application/json', Buffer.from([0x22, 0xff, 0x22])],
  ['nothing', 'application/json', ''],
  ['nothing without a type', null, ''],
])('%s is kept byte for byte', (_, contentType, body) => {
  const { data_base64, data } = read(contentType, body)
  expect(data).toBeUndefined()
  expect(Buffer.from(data_base64, 'base64')).toEqual(Buffer.from(body))
})

test('a body cannot reach out of its place, nor an attribute', () => {
  expect(() => read('application/json', '1},"id":"evt-2","x":{"y":1')).not.toThrow()
  expect(read('application/json', '1},"id":"evt-2","x":{"y":1').id).toBe('evt-1')
  const sly = cloudEvent(
    { ...attributes, type: 'a","id":"evt-2', subject: 'line\nbreak\u0000' },
    null,
    Buffer.from('1'),
  )
  expect(JSON.parse(sly.toString())).toMatchObject({ id: 'evt-1', type: 'a","id":"evt-2', subject: 'line break ' })
})
