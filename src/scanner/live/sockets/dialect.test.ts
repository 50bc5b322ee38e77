import { describe, expect, test } from 'vitest'
import { DIALECTS } from './dialect.ts'

describe('socket.io', () => {
  const { greeting, write, read } = DIALECTS['socket.io']

  test('greets with what authenticates, and writes events', () => {
    expect([greeting(undefined), greeting({ token: 't' })]).toEqual(['40', '40{"token":"t"}'])
    expect(write({ event: 'read', data: { order: '1' } }, '1')).toBe('42["read",{"order":"1"}]')
    expect(write({ event: 'ping' }, '1', 3)).toBe('42["ping"]   ')
  })

  test.each([
    ['0{"sid":"x"}', { kind: 'other' }],
    ['40{"sid":"x"}', { kind: 'welcome' }],
    ['44{"message":"refused"}', { kind: 'turned-away', value: { message: 'refused' } }],
    ['2', { kind: 'ping', answer: '3' }],
    ['42["reply",{"a":1}]', { kind: 'message', value: { event: 'reply', data: { a: 1 } } }],
    ['42/admin,17["reply",{"a":1}]', { kind: 'message', value: { event: 'reply', data: { a: 1 } } }],
    ['42{"no":"list"}', { kind: 'other' }],
    ['42["unfinished"', { kind: 'other' }],
    ['', { kind: 'other' }],
  ])('reads %s', (text, frame) => {
    expect(read(text)).toEqual(frame)
  })
})

describe.each(['graphql-transport-ws', 'graphql-ws'] as const)('%s', (protocol) => {
  const { greeting, write, read } = DIALECTS[protocol]
  const next = protocol === 'graphql-ws' ? 'data' : 'next'

  test('greets, asks, and reads answers and errors', () => {
    expect(greeting({ token: 't' })).toBe('{"type":"connection_init","payload":{"token":"t"}}')
    expect(JSON.parse(write({ query: 'q' }, '7', 9))).toMatchObject({ id: '7', payload: { query: 'q' } })
    expect(read('{"type":"connection_ack"}')).toEqual({ kind: 'welcome' })
    expect(read(`{"type":"${next}","id":"7","payload":{"data":{}}}`)).toEqual({ kind: 'message', value: { data: {} } })
    expect(read('{"type":"error","id":"7","payload":[]}')).toEqual({ kind: 'message', value: { errors: [] } })
  })

  test.each(['', 'x', '[]', 'null', '7', '{"type":{}}', '{"type":"complete"}'])('is not confused by %j', (text) => {
    expect(read(text)).toEqual({ kind: 'other' })
  })
})
