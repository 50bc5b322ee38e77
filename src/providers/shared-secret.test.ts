/** What is shown instead of signed, and what the provider is asked, one rule at a time on schemes made here. */
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { newId } from '../base/model/ids.ts'
import { compileScheme } from './compile.ts'
import type { BasicScheme, ConfirmedScheme, MutualTlsScheme, TokenScheme } from './definition.ts'
import type { Remote, RemoteAnswer, RemoteNeed } from './remote.ts'
import { same, tokenName } from './shared-secret.ts'
import { verifyRequest } from './verify.ts'

const NOW = 1_767_225_600_000
const KEY = 'key-material-1'
type Headers = readonly (readonly [string, string])[]

interface Given {
  readonly headers?: Headers
  readonly body?: string
  readonly url?: string
  readonly keys?: readonly string[]
  readonly settings?: Readonly<Record<string, string>>
  readonly remote?: Remote
  readonly clientCertificate?: string
}
function judge(scheme: TokenScheme | BasicScheme | MutualTlsScheme | ConfirmedScheme, given: Given) {
  const { headers = [], body = '{}', url = 'https://a.example/in', settings = {}, clientCertificate } = given
  const keys = (given.keys ?? [KEY]).map((material) => ({ id: newId(), material }))
  const request = {
    method: 'POST',
    url,
    headers,
    body: Buffer.from(body),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
  }
  const result = verifyRequest(compileScheme(scheme, keys, { settings }), request, NOW, given.remote)
  return result.ok ? { ...result, key: keys.findIndex(({ id }) => id === result.keyId) } : result.reason
}
const outcome = (...input: Parameters<typeof judge>) => {
  const result = judge(...input)
  return typeof result === 'string' ? result : result.key
}

describe('a token', () => {
  const inHeader: TokenScheme = { family: 'token', name: 't', token: { in: 'header', name: 'X-Token' }, weakness: '' }
  const prefixed: TokenScheme = { ...inHeader, token: { in: 'header', name: 'X-Token', prefix: 'Bearer ' } }
  const inQuery: TokenScheme = { ...inHeader, token: { in: 'query', name: 'q' } }
  const inBody: TokenScheme = { ...inHeader, token: { in: 'body', path: '$.list[*].token' } }
  const shown = (text: string): Given => ({ headers: [['x-token', text]] })
  const long = 'k'.repeat(8192)
  const list = (...tokens: readonly unknown[]): Given => ({
    body: JSON.stringify({ list: tokens.map((token) => ({ token })) }),
  })

  test.each([
    ['the key', inHeader, shown(KEY), 0],
    ['another', inHeader, shown('key-material-2'), 'signature_mismatch'],
    ['part of the key', inHeader, shown(KEY.slice(1)), 'signature_mismatch'],
    ['none', inHeader, {}, 'signature_missing'],
    ['an empty one', inHeader, shown(''), 'signature_missing'],
    [
      'twice',
      inHeader,
      {
        headers: [
          ['X-Token', KEY],
          ['x-token', KEY],
        ],
      },
      'header_duplicated',
    ],
    ['of 8192 characters', inHeader, { ...shown(long), keys: [long] }, 0],
    ['of 8193 characters', inHeader, { ...shown(`${long}k`), keys: [`${long}k`] }, 'signature_malformed'],
    ['behind its prefix', prefixed, shown(`Bearer ${KEY}`), 0],
    ['without its prefix', prefixed, shown(KEY), 'signature_malformed'],
    ['a prefix alone', prefixed, shown('Bearer '), 'signature_malformed'],
    ['in the query', inQuery, { url: `https://a.example/in?q=${KEY}` }, 0],
    ['in the query twice', inQuery, { url: `https://a.example/in?q=${KEY}&q=x` }, 'header_duplicated'],
    ['in the query, empty', inQuery, { url: 'https://a.example/in?q=' }, 'signature_missing'],
    ['in the body', inBody, list(KEY), 0],
    ['in the body, each', inBody, list(KEY, KEY), 0],
    ['in the body, one wrong', inBody, list(KEY, 'x'), 'signature_mismatch'],
    ['in the body, none', inBody, list(), 'signature_missing'],
    ['in the body, missing', inBody, {}, 'signature_missing'],
    ['in the body, true', inBody, list(true), 'signature_malformed'],
    ['in the body, empty', inBody, list(''), 'signature_malformed'],
    ['in the body, one empty', inBody, list(KEY, ''), 'signature_malformed'],
    ['in the body, of 8192 characters', inBody, { ...list(long), keys: [long] }, 0],
    ['in the body, of 8193 characters', inBody, { ...list(`${long}k`), keys: [`${long}k`] }, 'signature_malformed'],
    ['of the second key', inHeader, { ...shown('key-material-2'), keys: [KEY, 'key-material-2'] }, 1],
    ['the key, whatever else is set', inHeader, { ...shown(KEY), settings: { undefined: 'x' } }, 0],
    ['without a key', inHeader, { ...shown(KEY), keys: [] }, 'no_active_key'],
  ] as [string, TokenScheme, Given, number | string][])('%s', (_, scheme, given, wanted) =>
    expect(outcome(scheme, given)).toBe(wanted))

  test('all that stands beside it must hold, before a key is looked at', () => {
    const scheme: TokenScheme = {
      ...inHeader,
      require: [
        { kind: 'header-equals', header: 'X-A', value: '1' },
        { kind: 'header-equals', header: 'X-B', value: '1' },
      ],
    }
    const headers: Headers = [
      ['X-Token', KEY],
      ['X-A', '1'],
      ['X-B', '1'],
    ]
    expect(outcome(scheme, { headers })).toBe(0)
    for (const missing of [1, 2])
      expect(outcome(scheme, { headers: headers.filter((_, at) => at !== missing), keys: [] })).toBe(
        'requirement_failed',
      )
  })

  test('covers nothing, and says so', () => {
    expect(judge(inHeader, shown(KEY))).toMatchObject({ ok: true, scheme: 't', coverage: 'none', content: 'body' })
  })

  test('stands where the operator says, else where the provider does', () => {
    const token = { in: 'header', name: 'X-Token', nameSetting: 'where' } as const
    expect(tokenName(token, { where: 'X-Mine' })).toBe('X-Mine')
    for (const settings of [{}, { where: '' }, JSON.parse('{"__proto__":{"where":"X"}}')])
      expect(tokenName(token, settings)).toBe('X-Token')
    expect(tokenName({ in: 'query', name: 'q' }, { undefined: 'x', where: 'x' })).toBe('q')
  })
})

test('texts are the same or not, whatever their lengths', () => {
  const of = (a: string, b: string) => same(Buffer.from(a), Buffer.from(b))
  expect([of('', ''), of('a', 'a'), of('a', 'b'), of('a', 'aa'), of('', 'a')]).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})

describe('HTTP Basic', () => {
  const scheme: BasicScheme = { family: 'basic', name: 'basic', usernameSetting: 'user', weakness: '' }
  const of = (text: string, more: Partial<Given> = {}): Given => ({
    headers: [['Authorization', `Basic ${Buffer.from(text).toString('base64')}`]],
    settings: { user: 'me' },
    ...more,
  })
  const long = 'k'.repeat(6141)
  test.each([
    ['user and password', of(`me:${KEY}`), 0],
    ['another user', of(`you:${KEY}`), 'signature_mismatch'],
    ['another password', of('me:x'), 'signature_mismatch'],
    ['without a colon', of(`me${KEY}`), 'signature_malformed'],
    ['both in the key', of(`me:${KEY}`, { settings: {}, keys: [`me:${KEY}`] }), 0],
    ['both in the key and a user beside it', of(`me:${KEY}`, { keys: [`me:${KEY}`] }), 'signature_mismatch'],
    ['no header', { headers: [] }, 'signature_missing'],
    ['two headers', { headers: [...(of('a:b').headers ?? []), ...(of('a:b').headers ?? [])] }, 'header_duplicated'],
    ['an empty header', { headers: [['authorization', '']] }, 'signature_missing'],
    ['two spaces', { headers: [['authorization', 'Basic  bWU6eA==']] }, 'signature_malformed'],
    ['more behind it', { headers: [['authorization', 'Basic bWU6eA== x']] }, 'signature_malformed'],
    ['more before it', { headers: [['authorization', 'x Basic bWU6eA==']] }, 'signature_malformed'],
    ['no base64', { headers: [['authorization', 'Basic bWU6eA']] }, 'signature_malformed'],
    ['8192 characters', of(`me:${long}`, { keys: [long] }), 0],
    ['more than that', of(`me:${long}k`, { keys: [`${long}k`] }), 'signature_malformed'],
  ] as [string, Given, number | string][])('%s', (_, given, wanted) => expect(outcome(scheme, given)).toBe(wanted))
})

describe('a client certificate', () => {
  const scheme: MutualTlsScheme = { family: 'mtls', name: 'mtls', weakness: '' }
  const fingerprint = 'ab'.repeat(32)
  test.each([
    ['the one that was pasted', { clientCertificate: fingerprint }, 0],
    ['another', { clientCertificate: 'cd'.repeat(32) }, 'signature_mismatch'],
    ['none', {}, 'signature_missing'],
    ['an empty one', { clientCertificate: '' }, 'signature_malformed'],
    ['31 bytes', { clientCertificate: fingerprint.slice(2) }, 'signature_malformed'],
  ] as [string, Given, number | string][])('%s', (_, given, wanted) =>
    expect(outcome(scheme, { keys: [fingerprint], ...given })).toBe(wanted))

  test('and what must stand beside it', () => {
    const asking: MutualTlsScheme = { ...scheme, require: [{ kind: 'header-equals', header: 'X-A', value: '1' }] }
    const given: Given = { keys: [fingerprint], clientCertificate: fingerprint }
    expect(outcome(asking, given)).toBe('requirement_failed')
    expect(outcome(asking, { ...given, headers: [['x-a', '1']] })).toBe(0)
  })
})

describe('asking the provider', () => {
  const scheme: ConfirmedScheme = {
    family: 'fetch-back',
    name: 'ask',
    id: { source: 'form:id', pattern: 'tr_[a-z0-9]+|x' },
    call: {
      method: 'GET',
      origins: [{ environment: 'live', origin: 'https://api.a.example' }],
      path: '/things/{id}',
      headers: { Authorization: 'Bearer {key}' },
    },
    confirms: { path: '$.id', equals: 'id' },
    weakness: '',
  }
  const yes = (value: unknown): RemoteAnswer => ({ ok: true, text: JSON.stringify(value) })
  const failed: RemoteAnswer = { ok: false, why: 'failed' }
  const refused: RemoteAnswer = { ok: false, why: 'refused' }
  /** By the key that is shown. */
  const by =
    (answers: Readonly<Record<string, RemoteAnswer | undefined>>): Remote =>
    ({ headers }: RemoteNeed) =>
      answers[(headers['Authorization'] ?? '').slice('Bearer '.length)]
  const [a, b, c] = ['key-a', 'key-b', 'key-c']
  const right = yes({ id: 'tr_1' })

  test.each([
    ['it says yes', { [a]: right }, [a], 0],
    ['it knows another', { [a]: yes({ id: 'tr_2' }) }, [a], 'confirmation_refused'],
    ['it answers something else', { [a]: yes([]) }, [a], 'confirmation_refused'],
    ['it answers no JSON', { [a]: { ok: true, text: 'x' } }, [a], 'confirmation_refused'],
    ['it says no', { [a]: refused }, [a], 'confirmation_refused'],
    ['it cannot be asked', { [a]: failed }, [a], 'key_unavailable'],
    ['it was not asked yet', {}, [a], 'remote_pending'],
    ['the second key is known', { [a]: refused, [b]: right }, [a, b], 1],
    ['the second key, the first unreachable', { [a]: failed, [b]: right }, [a, b], 1],
    ['the second key, the first of another account', { [a]: yes({}), [b]: right }, [a, b], 1],
    ['the second key was not asked yet', { [a]: refused }, [a, b], 'remote_pending'],
    ['one no, one unreachable', { [a]: refused, [b]: failed }, [a, b], 'key_unavailable'],
    ['one unreachable, one no', { [a]: failed, [b]: refused }, [a, b], 'key_unavailable'],
    ['a key that fits into no header', {}, ['kéy'], 'content_incomplete'],
    ['such a key and one that is known', { [a]: right }, ['kéy', a], 1],
    ['such a key and a no', { [a]: refused }, ['kéy', a], 'confirmation_refused'],
    ['such a key and one of another account', { [a]: yes({}) }, ['kéy', a], 'confirmation_refused'],
    ['such a key and one unreachable', { [c]: failed }, ['kéy', c], 'key_unavailable'],
    ['no key', {}, [], 'no_active_key'],
  ] as [
    string,
    Readonly<Record<string, RemoteAnswer>>,
    string[],
    number | string,
  ][])('%s', (_, answers, keys, wanted) =>
    expect(outcome(scheme, { body: 'id=tr_1', keys, remote: by(answers) })).toBe(wanted))

  test.each([
    ['none', '', 'id_missing'],
    ['an empty one', 'id=', 'id_missing'],
    ['of another form', 'id=tr_', 'id_malformed'],
    ['with more before it', 'id=/tr_1', 'id_malformed'],
    ['with more behind it', 'id=tr_1/..', 'id_malformed'],
    ['with more behind the other form', 'id=xx', 'id_malformed'],
  ])('an id, %s, asks nobody', (_, body, wanted) => {
    const remote: Remote = () => {
      throw new Error('asked')
    }
    for (const keys of [[KEY], []]) expect(outcome(scheme, { body, keys, remote })).toBe(wanted)
  })

  test('a text instead of the id counts where the definition says so', () => {
    const status: ConfirmedScheme = { ...scheme, confirms: { path: '$.status', equals: 'SUCCESS' } }
    const remote = (value: string) => by({ [KEY]: yes({ status: value }) })
    expect(outcome(status, { body: 'id=tr_1', remote: remote('SUCCESS') })).toBe(0)
    for (const other of ['FAILURE', 'tr_1', ''])
      expect(outcome(status, { body: 'id=tr_1', remote: remote(other) })).toBe('confirmation_refused')
  })

  test('the state that was confirmed tells one event about the same object from the next', () => {
    const stateful: ConfirmedScheme = { ...scheme, state: '$.status' }
    const content = (answer: object, of: ConfirmedScheme = stateful) => {
      const result = judge(of, { body: 'id=tr_1', remote: by({ [KEY]: yes({ id: 'tr_1', ...answer }) }) })
      return typeof result === 'string' ? result : result.content
    }
    expect(content({ status: 'paid' })).toEqual(createHash('sha256').update('tr_1\npaid').digest())
    expect(content({})).toEqual(createHash('sha256').update('tr_1\n').digest())
    expect(content({ status: 'paid' }, scheme)).toBe('body')
    expect(outcome(stateful, { body: 'id=tr_1', remote: by({ [KEY]: refused }) })).toBe('confirmation_refused')
  })

  test('what must be asked comes back as it is asked', () => {
    const keys = [{ id: newId(), material: KEY }]
    const request = { method: 'POST', url: 'https://a.example/', headers: [], body: Buffer.from('id=tr_1') }
    expect(verifyRequest(compileScheme(scheme, keys), request, NOW)).toEqual({
      ok: false,
      reason: 'remote_pending',
      need: {
        method: 'GET',
        url: 'https://api.a.example/things/tr_1',
        headers: { Authorization: `Bearer ${KEY}` },
        cacheSeconds: 0,
      },
    })
  })
})
