import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { applies, holds, spellUrl } from './cases.ts'
import type { Requirement, SignedCase } from './definition.ts'
import { Reading } from './reading.ts'

interface Given {
  readonly method?: string
  readonly url?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
}
const reading = ({ method = 'POST', url = 'https://a.example/in', headers = [], body = '' }: Given) =>
  new Reading({ method, url, headers, body: Buffer.from(body) })

describe('a case applies', () => {
  const of = (when: SignedCase['when'], given: Given = {}) =>
    applies({ templates: ['{body}'], ...(when === undefined ? {} : { when }) }, reading(given))

  test.each([
    ['always, when it names nothing', undefined, {}, true],
    ['by method', { method: 'PUT' }, { method: 'put' }, true],
    ['by method', { method: 'PUT' }, { method: 'POST' }, false],
    ['by a parameter of the query', { query: 'q' }, { url: 'https://a.example/in?q=' }, true],
    ['by a parameter of the query', { query: 'q' }, { url: 'https://a.example/in?Q=1#?q=1' }, false],
    ['by media type', { contentType: 'text/xml' }, { headers: [['Content-Type', 'Text/XML; q=1']] }, true],
    ['by media type', { contentType: 'text/xml' }, { headers: [['Content-Type', 'text/xmlx']] }, false],
    ['by media type', { contentType: 'text/xml' }, {}, false],
    ['by one of several texts in the body', { body: { '$.a': ['1', '2'] } }, { body: '{"a":"2"}' }, true],
    ['by a number as its text', { body: { '$.a': ['2'] } }, { body: '{"a":2}' }, true],
    ['by a text in the body', { body: { '$.a': ['1'] } }, { body: '{"a":"11"}' }, false],
    ['by a text in the body', { body: { '$.a': ['1'] } }, { body: '{"a":["1"]}' }, false],
    ['by a text in the body', { body: { '$.a': ['1'] } }, { body: 'x' }, false],
    ['by every member it names', { body: { '$.a': ['1'], '$.b': ['1'] } }, { body: '{"a":"1","b":"1"}' }, true],
    ['by every member it names', { body: { '$.a': ['1'], '$.b': ['1'] } }, { body: '{"a":"1"}' }, false],
    ['by method and query', { method: 'PUT', query: 'q' }, { method: 'PUT' }, false],
  ] as [string, SignedCase['when'], Given, boolean][])('%s', (_, when, given, wanted) =>
    expect(of(when, given)).toBe(wanted))
})

describe('a requirement', () => {
  const of = (requirement: Requirement, given: Given = {}, settings = {}, pin?: string) =>
    holds(requirement, { reading: reading(given), settings, pin })
  const digest = createHash('sha256').update('{}').digest('hex')
  const lists: Requirement = { kind: 'header-lists', header: 'X-L', names: ['a', 'b'] }
  const form: Requirement = { kind: 'form-matches', form: 'ü', pattern: 'a|bü' }
  const hash: Requirement = { kind: 'query-body-hash', query: 'h', algorithm: 'sha256', encoding: 'hex' }
  const setting: Requirement = { kind: 'equals-setting', source: 'header:X-A', setting: 'account' }
  const key: Requirement = { kind: 'equals-key', source: 'header:X-A' }
  const equals: Requirement = { kind: 'header-equals', header: 'X-A', value: '1' }
  const one = (value: string): Given => ({ headers: [['x-a', value]] })

  test.each([
    ['an empty body', { kind: 'empty-body' }, {}, true],
    ['an empty body', { kind: 'empty-body' }, { body: ' ' }, false],
    ['a header', equals, one('1'), true],
    ['a header', equals, one('2'), false],
    ['a header', equals, {}, false],
    [
      'a header once',
      equals,
      {
        headers: [
          ['x-a', '1'],
          ['X-A', '1'],
        ],
      },
      false,
    ],
    ['a list with all names', lists, { headers: [['x-l', ' B ,c, A']] }, true],
    ['a list with all names', lists, { headers: [['x-l', 'a,c']] }, false],
    ['a list with all names', lists, { headers: [['x-l', 'a b']] }, false],
    ['a list with all names', lists, { headers: [['x-l', '']] }, false],
    ['a list with all names', lists, {}, false],
    [
      'a list once',
      lists,
      {
        headers: [
          ['x-l', 'a,b'],
          ['x-l', 'a,b'],
        ],
      },
      false,
    ],
    ['a form field as a whole', form, { body: '%C3%BC=a' }, true],
    ['a form field as a whole', form, { body: '%C3%BC=b%C3%BC' }, true],
    ['a form field as a whole', form, { body: '%C3%BC=ax' }, false],
    ['a form field as a whole', form, { body: '%C3%BC=xb%C3%BC' }, false],
    ['a form field once', form, { body: '%C3%BC=a&%C3%BC=a' }, false],
    ['a form field', form, {}, false],
    ['the digest of the body', hash, { url: `https://a.example/?h=${digest}`, body: '{}' }, true],
    ['the digest of the body', hash, { url: `https://a.example/?h=${digest}`, body: '{} ' }, false],
    ['the digest of the body, whole', hash, { url: `https://a.example/?h=${digest.slice(2)}`, body: '{}' }, false],
    ['the digest of the body, once', hash, { url: `https://a.example/?h=${digest}&h=${digest}`, body: '{}' }, false],
    ['the digest of the body', hash, { body: '{}' }, false],
    ['what is set', setting, one('acc-1'), true],
    ['what is set', setting, one('acc-2'), false],
    ['what is set', setting, {}, false],
    ['what the key names', key, one('pin-1'), true],
    ['what the key names', key, one('pin-2'), false],
    ['what the key names', key, {}, false],
  ] as [string, Requirement, Given, boolean][])('%s', (_, requirement, given, wanted) =>
    expect(of(requirement, given, { account: 'acc-1' }, 'pin-1')).toBe(wanted))

  test('a digest that is not there is none, in any encoding', () => {
    for (const encoding of ['hex', 'base64', 'base64url'] as const)
      expect(of({ ...hash, encoding } as Requirement, { body: '{}' })).toBe(false)
  })

  test('nothing equals a setting or a name that is not there', () => {
    for (const settings of [{}, { account: '' }, JSON.parse('{"__proto__":{"account":"x"}}')])
      for (const given of [{}, one(''), one('x')]) expect(of(setting, given, settings)).toBe(false)
    for (const given of [{}, one('')]) expect(of(key, given)).toBe(false)
  })
})

test.each([
  ['https://a.example/in', 'https://a.example:443/in', 'https://a.example/in'],
  ['http://a.example', 'http://a.example:80', 'http://a.example'],
  ['HTTPS://A.example?q', 'HTTPS://A.example:443?q', 'HTTPS://A.example?q'],
  ['https://a.example:8443/in', 'https://a.example:8443/in', 'https://a.example/in'],
  ['https://u:p@a.example/in', 'https://u:p@a.example:443/in', 'https://u:p@a.example/in'],
  ['https://u:p@a.example:80#x', 'https://u:p@a.example:80#x', 'https://u:p@a.example#x'],
  ['https://[::1]/in', 'https://[::1]:443/in', 'https://[::1]/in'],
  ['https://[::1]:80/in', 'https://[::1]:80/in', 'https://[::1]/in'],
  ['https://a.example/b:1/c\nd', 'https://a.example:443/b:1/c\nd', 'https://a.example/b:1/c\nd'],
  ['ftp://a.example:1/', 'ftp://a.example:1/', 'ftp://a.example:1/'],
  ['xhttps://a.example:1/', 'xhttps://a.example:1/', 'xhttps://a.example:1/'],
  ['', '', ''],
])('%j with the default port, and without any', (url, added, removed) => {
  expect(spellUrl(url, 'as-is')).toBe(url)
  expect(spellUrl(url, 'default-port-added')).toBe(added)
  expect(spellUrl(url, 'port-removed')).toBe(removed)
})
