import { expect, test } from 'vitest'
import type { PublishedKeys, RemoteCall } from './definition.ts'
import { Reading } from './reading.ts'
import { callNeed, isAllowedUrl, keySetNeed, TOKEN } from './remote.ts'

const HOSTS = ['api.a.example', 'pattern:sns\\.[a-z0-9-]{3,20}\\.a\\.example'] as const

test('https on the default port, a host of the list and its suffix', () => {
  expect(isAllowedUrl('https://api.a.example/cert.pem', HOSTS, '.pem')).toBe(true)
  expect(isAllowedUrl('https://sns.eu-1.a.example/x/c.pem?v=1', HOSTS, '.pem')).toBe(true)
  const longest = `https://api.a.example/${'a'.repeat(2022)}.pem`
  expect(longest).toHaveLength(2048)
  expect(isAllowedUrl(longest, HOSTS, '.pem')).toBe(true)
})

test.each([
  '',
  'http://api.a.example/c.pem',
  'xhttps://api.a.example/c.pem',
  'HTTPS://api.a.example/c.pem',
  'ftp://api.a.example/c.pem',
  '//api.a.example/c.pem',
  'https:/api.a.example/c.pem',
  'https:\\\\api.a.example/c.pem',
  'https://api.a.example:443/c.pem',
  'https://api.a.example:8443/c.pem',
  'https://user@api.a.example/c.pem',
  'https://api.a.example@evil.example/c.pem',
  'https://user:pass@api.a.example/c.pem',
  'https://API.a.example/c.pem',
  'https://api.a.example./c.pem',
  'https://api.a.example.evil.example/c.pem',
  'https://evilapi.a.example/c.pem',
  'https://xapi-a.example/c.pem',
  'https://api.a.example%2eevil.example/c.pem',
  'https://api.a.example\\.evil.example/c.pem',
  'https://api.a.example',
  'https://api.a.example/c.pem#x',
  'https://api.a.example/c.pem x',
  'https://api.a.example/c.pem\n',
  'https://api.a.example/c.pem\0',
  'https://api.a.example/c.txt',
  'https://api.a.example/c.txt?x=.pem',
  'https://api.a.example/?/c.pem',
  'https://127.0.0.1/c.pem',
  'https://[::1]/c.pem',
  'https://sns.EU.a.example/c.pem',
  'https://sns.a.b.a.example/c.pem',
  'https://x.sns.eu-1.a.example/c.pem',
  'https://sns.eu-1.a.example.evil.example/c.pem',
  'https://snsxeu-1xaxexample/c.pem',
  `https://api.a.example/${'a'.repeat(2048)}.pem`,
  'https://аpi.a.example/c.pem',
])('%j is not asked', (url) => {
  expect(isAllowedUrl(url, HOSTS, '.pem')).toBe(false)
})

const keySet: PublishedKeys = {
  format: 'jwks-url',
  url: 'https://login.a.example/{config:tenant}/keys',
  pin: 'app',
  pattern: '.+',
  example: 'x',
}

test('a setting fills one segment of a key set’s address, and no more', () => {
  expect(keySetNeed(keySet, { tenant: 'a-1.b' })?.url).toBe('https://login.a.example/a-1.b/keys')
  for (const tenant of ['a.', '.a']) expect(keySetNeed(keySet, { tenant }), tenant).toBeDefined()
  // Only the operator's settings have a place in it.
  expect(keySetNeed({ ...keySet, url: 'https://login.a.example/{header:tenant}' }, { tenant: 'x' })).toBeUndefined()
  for (const tenant of [
    '',
    '.',
    '..',
    'a/b',
    '../x',
    'a?b',
    'a#b',
    'a%2fb',
    'a b',
    'ä',
    '@evil.example',
    'x'.repeat(129),
  ])
    expect(keySetNeed(keySet, { tenant }), tenant).toBeUndefined()
  expect(keySetNeed(keySet, {})).toBeUndefined()
  expect(keySetNeed(keySet, JSON.parse('{"__proto__":{"tenant":"x"}}'))).toBeUndefined()
})

const call: RemoteCall = {
  method: 'POST',
  origins: [
    { environment: 'production', origin: 'https://api.a.example' },
    { environment: 'sandbox', origin: 'https://sandbox.a.example' },
  ],
  path: '/v1/things/{id}',
  headers: { Authorization: 'Bearer {key}', 'X-From': '{header:X-From}' },
  contentType: 'application/json',
  body: '{"id":"{id}","from":"{header:X-From}","event":{body}}',
}
function need(
  id: string,
  change: {
    call?: Partial<RemoteCall>
    from?: string
    body?: string
    key?: string
    settings?: Record<string, string>
  } = {},
) {
  const reading = new Reading({
    method: 'POST',
    url: 'https://h.example/',
    headers: [['X-From', change.from ?? 'f']],
    body: Buffer.from(change.body ?? '{"a":1}'),
  })
  return callNeed({ ...call, ...change.call }, undefined, {
    reading,
    settings: change.settings ?? {},
    key: change.key ?? 'k',
    id,
  })
}

test('an id is escaped for where it stands', () => {
  const made = need('a/b?c#d"e\nf')
  expect(made?.url).toBe('https://api.a.example/v1/things/a%2Fb%3Fc%23d%22e%0Af')
  expect(JSON.parse(made?.body ?? '')).toEqual({ id: 'a/b?c#d"e\nf', from: 'f', event: { a: 1 } })
  expect(JSON.parse(need('x","admin":"1')?.body ?? '')).toEqual({ id: 'x","admin":"1', from: 'f', event: { a: 1 } })
})

test('no dot segment, no line break in a header, no body that is no JSON', () => {
  for (const id of ['', '.', '..']) expect(need(id), id).toBeUndefined()
  expect(need('../x')?.url).toBe('https://api.a.example/v1/things/..%2Fx')
  for (const from of ['a\r\nX-Evil: 1', 'a\nb', 'a\0']) expect(need('x', { from }), from).toBeUndefined()
  expect(need('x', { key: 'k\r\nX: 1' })).toBeUndefined()
  for (const body of ['', '{"a":1},"admin":true', 'x', '{"a":1}}']) expect(need('x', { body }), body).toBeUndefined()
})

test('form bodies are percent-encoded, and text that looks like a token is not filled in again', () => {
  const form = { contentType: 'application/x-www-form-urlencoded', body: 'id={id}' } as const
  expect(need('a&b=c', { call: form })?.body).toBe('id=a%26b%3Dc')
  expect(JSON.parse(need('{key}$&')?.body ?? '').id).toBe('{key}$&')
})

test('the environment chooses among the definition’s origins, and an unknown one asks nobody', () => {
  expect(need('x', { settings: { environment: 'sandbox' } })?.url).toMatch(/^https:\/\/sandbox\.a\.example\//)
  expect(need('x', { settings: { environment: 'https://evil.example' } })).toBeUndefined()
  expect(need('x')?.url).toMatch(/^https:\/\/api\.a\.example\//)
})

test('credentials are cut at their first colon, and without one there are none', () => {
  const basic = { headers: { Authorization: 'Basic {basic}' }, body: '{"u":"{user}","p":"{password}"}' }
  const made = need('x', { call: basic, key: 'me:pa:ss"' })
  expect(made?.headers['Authorization']).toBe(`Basic ${Buffer.from('me:pa:ss"').toString('base64')}`)
  expect(JSON.parse(made?.body ?? '')).toEqual({ u: 'me', p: 'pa:ss"' })
  for (const key of ['me', ':x']) expect(need('x', { call: basic, key })).toBeUndefined()
  expect(need('x', { call: { headers: { Authorization: 'Bearer {token}' } } })?.headers['Authorization']).toBe(
    `Bearer ${TOKEN}`,
  )
})

test('every kind of token, from where it says, and a call that lacks one asks nobody', () => {
  const reading = new Reading({
    method: 'POST',
    url: 'https://h.example/?q=a%2Fb&q=c',
    headers: [['X-From', 'f']],
    body: Buffer.from('a=%C3%BC&b=1&b=2'),
  })
  const input = { reading, settings: { account: 'acc' }, key: 'me:pw', id: 'i' }
  const of = (template: string) => {
    const made = callNeed({ ...call, headers: {}, body: `{"v":"${template}"}` }, undefined, input)
    return made === undefined ? undefined : JSON.parse(made.body ?? '').v
  }
  expect(
    ['{id}', '{key}', '{user}', '{password}', '{basic}', '{config:account}', '{header:x-FROM}', '{query:q}'].map(of),
  ).toEqual(['i', 'me:pw', 'me', 'pw', Buffer.from('me:pw').toString('base64'), 'acc', 'f', 'a/b'])
  expect(of('{form:a}')).toBe('ü')
  for (const template of [
    '{config:other}',
    '{config:constructor}',
    '{header:X-Other}',
    '{query:x}',
    '{form:b}',
    '{form:c}',
    '{body}',
  ])
    expect(of(template), template).toBeUndefined()
  // Braces around anything else are text, as JSON has them.
  for (const text of ['{other}', '{config:}', '{ID}', '{id:x}', '{}']) expect(of(text)).toBe(text)
  expect(of('{id}{key}-{id}')).toBe('ime:pw-i')
})

test('a user has at least one letter, and each half is missing when the colon is', () => {
  for (const token of ['{user}', '{password}', '{basic}']) {
    const of = (key: string) => need('x', { call: { body: `{"v":"${token}"}`, headers: {} }, key })
    expect(of('a:b'), token).toBeDefined()
    for (const key of ['ab', ':b']) expect(of(key), token).toBeUndefined()
  }
  // The request's own body has no place but in a body: a definition that says otherwise does not work at all.
  expect(() => need('x', { call: { path: '/{body}' } })).toThrow('unknown token {body} in a call')
})

test('a token of the API is asked for first, with the same credentials', () => {
  const reading = new Reading({ method: 'POST', url: 'https://h.example/', headers: [], body: Buffer.from('{}') })
  const authorize: RemoteCall = {
    method: 'POST',
    origins: call.origins,
    path: '/token',
    headers: { Authorization: 'Basic {basic}' },
    contentType: 'application/x-www-form-urlencoded',
    body: 'grant_type=client_credentials&t={token}',
    cacheSeconds: 600,
  }
  const main: RemoteCall = {
    method: 'GET',
    origins: call.origins,
    path: '/keys/{id}',
    headers: { Authorization: 'Bearer {token}' },
  }
  const input = { reading, settings: {}, key: 'me:pw', id: 'i' }
  expect(callNeed(main, authorize, input)).toStrictEqual({
    method: 'GET',
    url: 'https://api.a.example/keys/i',
    headers: { Authorization: `Bearer ${TOKEN}` },
    authorize: {
      method: 'POST',
      url: 'https://api.a.example/token',
      headers: {
        Authorization: `Basic ${Buffer.from('me:pw').toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: `grant_type=client_credentials&t=${TOKEN}`,
      cacheSeconds: 600,
    },
    cacheSeconds: 0,
  })
  expect(callNeed(main, authorize, { ...input, key: 'pw' })).toBeUndefined()
  expect(callNeed({ ...main, headers: { A: 'x{token}\u0100' } }, undefined, input)).toBeUndefined()
  expect(callNeed({ ...main, path: '/{config:other}/{id}' }, undefined, input)).toBeUndefined()
})
