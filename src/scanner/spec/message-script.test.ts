import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { messageScript } from './message-script.ts'
import { readSpec } from './read-spec.ts'

const OWN = { object: '1', room: 'acct_a' }
const FIXTURE = fileURLToPath(new URL('../../../test/fixtures/orders-socket.asyncapi.yaml', import.meta.url))

function scriptOf(text: string, address = '/ws', values: Readonly<Record<string, string>> = OWN) {
  const { documents, problems } = readSpec(text, 'asyncapi.yaml')
  expect(problems).toEqual([])
  const [document] = documents
  return document === undefined ? undefined : messageScript(document, address, values)
}

test('examples of AsyncAPI 3 become a script in which what is the owner’s is everybody’s own', () => {
  const script = scriptOf(readFileSync(FIXTURE, 'utf8'))
  expect(script).toMatchObject({
    ask: {
      payload: { type: 'read', order: '{{object}}' },
      answer: { payload: { type: 'order', id: '{{object}}', account: '{{room}}' } },
    },
    change: {
      payload: { type: 'pay', order: '{{object}}', nonce: '{{nonce}}' },
      answer: { payload: { type: 'paid', order: '{{object}}' } },
    },
    join: { payload: { type: 'join', room: '{{room}}' } },
    post: { payload: { type: 'post', room: '{{room}}', text: '{{text}}' } },
  })
  // What differs from one answer to the next is not waited for.
  expect(script?.ask?.answer?.payload).not.toHaveProperty('total')
})

const version2 = (message: string) => `asyncapi: 2.6.0
info: { title: t, version: '1' }
channels:
  /ws:
    publish:
      operationId: sends
      message: ${message}
`

describe('version 2', () => {
  test('says with x-postern-role what a message is for, and with x-response what answers it', () => {
    const script = scriptOf(
      version2(
        `{ name: lookup, x-postern-role: ask, examples: [ { payload: { order: '1', full: true } } ], x-response: { name: found, examples: [ { payload: { id: '1' } } ] } }`,
      ),
    )
    expect(script?.ask).toEqual({
      name: 'lookup',
      payload: { order: '{{object}}', full: true },
      answer: { name: 'found', payload: { id: '{{object}}' } },
    })
  })

  test('a schema’s own example will do; without any, nothing is made up', () => {
    expect(scriptOf(version2(`{ name: readOrder, payload: { type: object, example: { order: '1' } } }`))?.ask).toEqual({
      name: 'readOrder',
      payload: { order: '{{object}}' },
      answer: undefined,
    })
    expect(scriptOf(version2('{ name: readOrder, payload: { type: object } }'))).toEqual({})
  })
})

test.each([
  [
    'another channel among several',
    'asyncapi: 2.6.0\ninfo: { title: t, version: "1" }\nchannels: { /a: {}, /b: {} }\n',
    undefined,
  ],
  ['examples that are no list', version2('{ name: getIt, examples: { payload: 1 } }'), {}],
  [
    'an answer that refers to itself',
    version2(`{ name: getIt, examples: [ { payload: 1 } ], x-response: { $ref: '#/channels/~1ws/publish/message' } }`),
    { ask: { payload: 1 } },
  ],
  [
    '__proto__ in an example',
    version2(`{ name: getIt, examples: [ { payload: { __proto__: { a: '1' } } } ] }`),
    { ask: {} },
  ],
])('%s does no harm', (_, text, is) => {
  const script = scriptOf(text)
  if (is === undefined) expect(script).toBeUndefined()
  else expect(script).toMatchObject(is)
  expect(({} as Record<string, unknown>)['a']).toBeUndefined()
})
