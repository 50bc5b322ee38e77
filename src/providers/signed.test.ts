/** Schemes that sign bytes of the request, one rule at a time, on schemes made here: what an attacker would try at each. */
import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { newId } from '../base/model/ids.ts'
import type { InboundKey } from '../base/model/integration.ts'
import { compileScheme } from './compile.ts'
import type { AsymmetricScheme, HashScheme, HmacScheme, KeySlot, SignedByScheme } from './definition.ts'
import type { Remote } from './remote.ts'
import { verifyRequest } from './verify.ts'
import type { Clock } from './verify-input.ts'

const NOW = 1_767_225_600_000
const KEY = 'key-material-1'
const mac = (content: string | Buffer, key = KEY, algorithm = 'sha256') =>
  createHmac(algorithm, key).update(content).digest('hex')

type Headers = readonly (readonly [string, string])[]
interface Given {
  readonly headers?: Headers
  readonly body?: string
  readonly url?: string
  readonly method?: string
  readonly keys?: readonly (string | Partial<InboundKey>)[]
  readonly settings?: Readonly<Record<string, string>>
  readonly now?: Clock
  readonly remote?: Remote
}

function judge(scheme: SignedByScheme, { headers = [], body = '{}', url = 'https://a.example/in', ...more }: Given) {
  const keys = (more.keys ?? [KEY]).map((key) => ({
    id: newId(),
    material: KEY,
    ...(typeof key === 'string' ? { material: key } : key),
  }))
  const verifier = compileScheme(scheme, keys, { settings: more.settings ?? {} })
  const request = { method: more.method ?? 'POST', url, headers, body: Buffer.from(body) }
  const result = verifyRequest(verifier, request, more.now ?? NOW, more.remote)
  return result.ok ? { ...result, key: keys.findIndex(({ id }) => id === result.keyId) } : result.reason
}
/** Which key matched, or why none. */
function outcome(scheme: SignedByScheme, given: Given): number | string {
  const result = judge(scheme, given)
  return typeof result === 'string' ? result : result.key
}
const contentOf = (scheme: SignedByScheme, given: Given) => {
  const result = judge(scheme, given)
  return typeof result === 'string' ? result : result.content.toString('hex' as never)
}

function anHmac(change: Partial<HmacScheme> = {}): HmacScheme {
  return {
    family: 'hmac',
    name: 'test',
    algorithm: 'sha256',
    key: { decode: 'utf8' },
    signature: { header: 'X-Sig', parse: { kind: 'raw' }, encoding: 'hex' },
    signed: [{ templates: ['{body}'] }],
    ...change,
  }
}
const WINDOW = { unit: 's', toleranceSeconds: 300, toleranceDocumented: true } as const

describe('headers under other names', () => {
  const scheme = anHmac({
    signed: [{ templates: ['{id}.{ts}.{body}'] }],
    timestamp: { in: { header: 'X-Time' }, ...WINDOW },
    id: { header: 'X-Id' },
    aliases: [{ 'X-Sig': 'Y-Sig', 'X-Time': 'Y-Time', 'X-Id': 'Y-Id' }],
  })
  const named = (signature: string, time: string, id: string): Headers => [
    [`${signature}-Sig`, mac('m1.1767225600.{}')],
    [`${time}-Time`, '1767225600'],
    [`${id}-Id`, 'm1'],
  ]
  test.each([
    ['one set', named('X', 'X', 'X'), 0],
    ['the other set', named('Y', 'Y', 'Y'), 0],
    ['a time out of the other set', named('X', 'Y', 'X'), 'timestamp_missing'],
    ['an id out of the other set', named('Y', 'Y', 'X'), 'id_missing'],
    ['a signature out of the other set', named('Y', 'X', 'X'), 'timestamp_missing'],
    ['no signature under either name', named('X', 'X', 'X').slice(1), 'signature_missing'],
    ['both sets, the first wrong', [['X-Sig', mac('x')], ...named('Y', 'Y', 'Y')] as Headers, 'timestamp_missing'],
  ])('%s', (_, headers, wanted) => expect(outcome(scheme, { headers })).toBe(wanted))
})

describe('a time', () => {
  const scheme = anHmac({
    signed: [{ templates: ['{ts}.{body}'] }],
    timestamp: { in: { header: 'X-Time' }, ...WINDOW },
  })
  const at = (...times: readonly string[]): Given => ({
    headers: [['X-Sig', mac(`${times[0]}.{}`)], ...times.map((time) => ['x-time', time] as const)],
  })
  test.each([
    ['none', at(), 'timestamp_missing'],
    ['an empty one', at(''), 'timestamp_missing'],
    ['two of them', at('1767225600', '1767225600'), 'header_duplicated'],
    ['a word', at('now'), 'timestamp_malformed'],
    ['the first second that counts', at('1767225300'), 0],
    ['the second before it', at('1767225299'), 'signature_stale'],
    ['the last second that counts', at('1767225900'), 0],
    ['the second after it', at('1767225901'), 'signature_future'],
  ])('%s', (_, given, wanted) => expect(outcome(scheme, given)).toBe(wanted))

  test('a window that is longer behind than ahead', () => {
    const uneven = anHmac({ ...scheme, timestamp: { in: { header: 'X-Time' }, ...WINDOW, aheadSeconds: 10 } })
    expect([outcome(uneven, at('1767225300')), outcome(uneven, at('1767225610'))]).toEqual([0, 0])
    expect(outcome(uneven, at('1767225611'))).toBe('signature_future')
  })

  test('out of its window it says so only under a right signature', () => {
    expect(outcome(scheme, { headers: [...(at('1').headers ?? []).slice(1), ['X-Sig', mac('x')]] })).toBe(
      'signature_mismatch',
    )
    expect(judge(scheme, { ...at('1'), now: 'no-clock' })).toMatchObject({ signedAt: 1000 })
    expect(judge(scheme, at('1767225600'))).toMatchObject({ signedAt: NOW, coverage: 'body' })
    expect(judge(anHmac(), { headers: [['X-Sig', mac('{}')]] })).not.toHaveProperty('signedAt')
  })

  const inBody = anHmac({ timestamp: { in: { body: '$.at' }, ...WINDOW } })
  const saying = (body: string): Given => ({ headers: [['X-Sig', mac(body)]], body })
  test.each([
    ['{"at":1767225600}', 0],
    ['{"at":"1767225600"}', 0],
    ['{"at":1767225299}', 'signature_stale'],
    ['{"at":"soon"}', 'timestamp_malformed'],
    ['{"at":[]}', 'timestamp_missing'],
    ['{}', 'timestamp_missing'],
  ])('in the body, %s, after the signature', (body, wanted) => {
    expect(outcome(inBody, saying(body))).toBe(wanted)
    expect(outcome(inBody, { ...saying(body), headers: [['X-Sig', mac('x')]] })).toBe('signature_mismatch')
    expect(outcome(inBody, { body })).toBe('signature_missing')
  })

  const beside = anHmac({
    signature: {
      header: 'X-Sig',
      parse: { kind: 'pairs', itemSeparator: ',', valueSeparator: '=', signatureKey: 'v1', timestampKey: 't' },
      encoding: 'hex',
    },
    signed: [{ templates: ['{ts}.{body}'] }],
    timestamp: { in: 'signature', ...WINDOW },
  })
  test.each([
    ['t=1767225600', '1767225600', 0],
    ['t=', '', 'timestamp_missing'],
    ['t=x', 'x', 'timestamp_malformed'],
    ['t=1767225299', '1767225299', 'signature_stale'],
  ])('beside the signature, %s', (time, signed, wanted) => {
    const given = { headers: [['X-Sig', `${time},v1=${mac(`${signed}.{}`)}`]] } as const
    expect(outcome(beside, given)).toBe(wanted)
    if (wanted === 0) expect(judge(beside, given)).toMatchObject({ signedAt: NOW })
  })
})

describe('an id that is signed', () => {
  const scheme = anHmac({ signed: [{ templates: ['{id}.{body}'] }], id: { header: 'X-Id', forbid: '.' } })
  const named = (...ids: readonly string[]): Given => ({
    headers: [['X-Sig', mac(`${ids[0]}.{}`)], ...ids.map((id) => ['x-id', id] as const)],
  })
  test.each([
    ['none', named(), 'id_missing'],
    ['an empty one', named(''), 'id_missing'],
    ['two of them', named('a', 'a'), 'header_duplicated'],
    ['512 characters', named('a'.repeat(512)), 0],
    ['513 characters', named('a'.repeat(513)), 'id_malformed'],
    ['every visible character but the forbidden one', named('!~aZ09_-'), 0],
    ['a space before it', named(' a'), 'id_malformed'],
    ['a space in it', named('a b'), 'id_malformed'],
    ['a letter beyond ASCII', named('aü'), 'id_malformed'],
    ['text that would make the template read in two ways', named('a.b'), 'id_malformed'],
  ])('%s', (_, given, wanted) => expect(outcome(scheme, given)).toBe(wanted))

  test('is reported, and may hold anything where nothing is forbidden', () => {
    const free = anHmac({ ...scheme, id: { header: 'X-Id' } })
    for (const id of ['a.b', 'undefined']) expect(judge(free, named(id))).toMatchObject({ signedId: id })
    expect(judge(anHmac(), { headers: [['X-Sig', mac('{}')]] })).not.toHaveProperty('signedId')
  })
})

describe('one body, many signed items', () => {
  const scheme = anHmac({
    each: '$.items[*].item',
    signature: { item: '$.sig', parse: { kind: 'raw' }, encoding: 'hex' },
    signed: [{ templates: ['{item:$.a}:{item:$.b}'] }],
  })
  const item = (a: string, b: string, key?: string) => ({ item: { a, b, sig: mac(`${a}:${b}`, key) } })
  const items = (...list: readonly object[]): Given => ({ body: JSON.stringify({ items: list }) })
  const OTHER = 'key-material-2'

  test.each([
    ['none', { body: '{"items":[]}' }, 'signature_missing'],
    ['no list of them', { body: '{}' }, 'signature_missing'],
    ['a body that is no JSON', { body: 'x' }, 'signature_missing'],
    ['one', items(item('1', '2')), 0],
    ['two', items(item('1', '2'), item('3', '4')), 0],
    ['two, the second wrong', items(item('1', '2'), item('3', '4', OTHER)), 'signature_mismatch'],
    ['two, the first wrong', items(item('1', '2', OTHER), item('3', '4')), 'signature_mismatch'],
    [
      'two with each other’s signature',
      items(
        { item: { ...item('1', '2').item, sig: mac('3:4') } },
        { item: { ...item('3', '4').item, sig: mac('1:2') } },
      ),
      'signature_mismatch',
    ],
    ['two, the second without one', items(item('1', '2'), { item: { a: '3' } }), 'signature_missing'],
    ['two, the second with half of one', items(item('1', '2'), { item: { sig: 'ab' } }), 'signature_malformed'],
    ['an item whose member is no text', items({ item: { a: {}, sig: mac('1:2') } }), 'content_incomplete'],
    [
      'two, the member of the second no text',
      items(item('1', '2'), { item: { a: [], sig: mac(':') } }),
      'content_incomplete',
    ],
  ])('%s', (_, given, wanted) => expect(outcome(scheme, given)).toBe(wanted))

  test('all by one key: two keys cannot share a body', () => {
    const shared = items(item('1', '2'), item('3', '4', OTHER))
    expect(outcome(scheme, { ...shared, keys: [KEY, OTHER] })).toBe('signature_mismatch')
    expect(outcome(scheme, { ...items(item('1', '2', OTHER)), keys: [KEY, OTHER] })).toBe(1)
  })

  test('no two lists of items look alike', () => {
    const contents = [
      items(item('1', '2')),
      items(item('1', '3')),
      items(item('1', '2'), item('1', '2')),
      items(item('1', '2'), item('3', '')),
      items(item('1', '2'), item('', '3')),
      items(item('1:2', '3')),
      items(item('1', ''), item('2', '3')),
    ].map((given) => contentOf(scheme, given))
    expect(new Set(contents).size).toBe(contents.length)
    // One item is identified by its own content, whoever computes it.
    expect(contents[0]).toBe(createHash('sha256').update('1:2').digest('hex'))
    expect(contents[2]).toBe(createHash('sha256').update('3:1:23:1:2').digest('hex'))
  })
})

describe('keys with a place of their own', () => {
  const SECOND = 'key-material-2'
  const place = { parse: { kind: 'raw' }, encoding: 'hex' } as const
  const own: KeySlot = { slot: 'second', what: 'x', signature: { header: 'X-Second', ...place } }
  const scheme = anHmac({ slots: [own, { slot: 'third', what: 'x' }] })
  const keys = [{ material: KEY }, { material: SECOND, slot: 'second' }]
  const [first, second] = [mac('{}'), mac('{}', SECOND)]
  test.each([
    [
      'both',
      [
        ['X-Sig', first],
        ['X-Second', second],
      ],
      0,
    ],
    ['only the ordinary one', [['X-Sig', first]], 0],
    ['only its own', [['X-Second', second]], 1],
    [
      'its own beside an ordinary one that is wrong',
      [
        ['X-Sig', mac('x')],
        ['X-Second', second],
      ],
      1,
    ],
    [
      'its own beside an ordinary one that cannot be read',
      [
        ['X-Sig', 'x'],
        ['X-Second', second],
      ],
      1,
    ],
    [
      'its own beside two ordinary ones',
      [
        ['X-Sig', first],
        ['X-Sig', first],
        ['X-Second', second],
      ],
      'header_duplicated',
    ],
    [
      'its own twice',
      [
        ['X-Sig', first],
        ['X-Second', second],
        ['x-second', second],
      ],
      'header_duplicated',
    ],
    [
      'its own unreadable beside a right one',
      [
        ['X-Sig', first],
        ['X-Second', 'x'],
      ],
      0,
    ],
    ['its key’s signature at the ordinary place', [['X-Sig', second]], 'signature_mismatch'],
    ['the ordinary key’s signature at its place', [['X-Second', first]], 'signature_mismatch'],
    ['nothing at either place', [], 'signature_missing'],
    [
      'nothing readable at either place',
      [
        ['X-Sig', 'x'],
        ['X-Second', 'y'],
      ],
      'signature_malformed',
    ],
  ] as [string, Headers, number | string][])('%s', (_, headers, wanted) =>
    expect(outcome(scheme, { headers, keys })).toBe(wanted))

  test('a key of a slot without one, or of a name that is none, made the ordinary signature', () => {
    for (const slot of ['third', 'unknown'])
      expect(outcome(scheme, { headers: [['X-Sig', second]], keys: [{ material: SECOND, slot }] }), slot).toBe(0)
    expect(outcome(anHmac(), { headers: [['X-Sig', second]], keys: [{ material: SECOND, slot: 'second' }] })).toBe(0)
    // Said of nobody, a key is read at the ordinary place only.
    expect(outcome(scheme, { headers: [['X-Second', second]], keys: [SECOND] })).toBe('signature_mismatch')
  })

  test('in the form or in the body as well', () => {
    const inForm = anHmac({
      slots: [{ ...own, signature: { form: 'sig2', ...place } }],
      signed: [{ templates: ['{form:a}'] }],
    })
    const body = `a=1&sig2=${mac('1', SECOND)}`
    expect(outcome(inForm, { body, keys: [{ material: SECOND, slot: 'second' }] })).toBe(0)
  })
})

describe('cases and what they ask for', () => {
  const scheme = anHmac({
    signed: [
      { when: { method: 'PUT' }, templates: ['put {body}'] },
      {
        when: { contentType: 'text/plain' },
        templates: ['plain {body}'],
        require: [
          { kind: 'header-equals', header: 'X-A', value: '1' },
          { kind: 'header-equals', header: 'X-B', value: '2' },
        ],
      },
    ],
  })
  const plain = (...more: Headers): Given => ({
    headers: [['Content-Type', 'text/plain'], ['X-Sig', mac('plain {}')], ...more],
  })
  test.each([
    ['the first that applies', { method: 'PUT', headers: [['X-Sig', mac('put {}')]] }, 0],
    ['the content of another', { method: 'PUT', headers: [['X-Sig', mac('plain {}')]] }, 'signature_mismatch'],
    ['all that it asks for', plain(['X-A', '1'], ['X-B', '2']), 0],
    ['only the first of it', plain(['X-A', '1']), 'requirement_failed'],
    ['only the second of it', plain(['X-B', '2']), 'requirement_failed'],
    ['a request of no case', { headers: [['X-Sig', mac('{}')]] }, 'requirement_failed'],
  ] as [string, Given, number | string][])('%s', (_, given, wanted) => expect(outcome(scheme, given)).toBe(wanted))

  test('what is refused before a key is looked at is refused without one', () => {
    const given = { keys: [] }
    expect(outcome(scheme, { ...plain(), ...given })).toBe('requirement_failed')
    expect(outcome(scheme, { ...plain(['X-A', '1'], ['X-B', '2']), ...given })).toBe('no_active_key')
    const signedHeader = anHmac({ signed: [{ templates: ['{header:X-A}{body}'] }] })
    const twice: Headers = [
      ['X-Sig', mac('1{}')],
      ['X-A', '1'],
      ['x-a', '1'],
    ]
    expect(outcome(signedHeader, { headers: twice, ...given })).toBe('header_duplicated')
    expect(outcome(signedHeader, { headers: twice.slice(0, 2) })).toBe(0)
  })

  test('several templates: any may match; what can be made of none is incomplete', () => {
    const either = anHmac({ signed: [{ templates: ['{form:a}', '{form:b}'] }] })
    for (const [body, content] of [
      ['a=1', '1'],
      ['b=2', '2'],
      ['a=1&b=2', '1'],
      ['a=1&b=2', '2'],
    ] as const)
      expect(outcome(either, { body, headers: [['X-Sig', mac(content)]] }), body).toBe(0)
    expect(outcome(either, { body: 'c=1', headers: [['X-Sig', mac('')]] })).toBe('content_incomplete')
    // Of what a template cannot be made of, the next one tells contents apart.
    expect(contentOf(either, { body: 'b=2', headers: [['X-Sig', mac('2')]] })).toBe(
      createHash('sha256').update('2').digest('hex'),
    )
    // Over the first, whichever matched: the same event has one digest.
    const digest = createHash('sha256').update('1').digest('hex')
    for (const content of ['1', '2'])
      expect(contentOf(either, { body: 'a=1&b=2', headers: [['X-Sig', mac(content)]] })).toBe(digest)
  })
})

describe('what tells one content from the next', () => {
  const timed = anHmac({
    signed: [{ templates: ['{id}.{ts}.{method}.{url}.{body}'] }],
    timestamp: { in: { header: 'X-Time' }, ...WINDOW },
    id: { header: 'X-Id' },
    urlVariants: ['as-is', 'default-port-added', 'port-removed'],
  })
  const url = 'https://a.example/in?b=1'
  const sent = (id: string, time: string, signedUrl = url, body = '{}'): Given => ({
    headers: [
      ['X-Sig', mac(`${id}.${time}.POST.${signedUrl}.${body}`)],
      ['X-Id', id],
      ['X-Time', time],
    ],
    url,
    body,
  })
  test('neither time nor id, and one spelling of the URL', () => {
    const wanted = createHash('sha256').update(`..POST.${url}.{}`).digest('hex')
    for (const given of [
      sent('a', '1767225600'),
      sent('b', '1767225601'),
      sent('a', '1767225600', 'https://a.example:443/in?b=1'),
    ])
      expect(contentOf(timed, given)).toBe(wanted)
    expect(contentOf(timed, sent('a', '1767225600', url, '{"a":1}'))).not.toBe(wanted)
  })

  test('the body alone is called so, with whatever stands beside it that cannot differ', () => {
    const body = anHmac({ signed: [{ templates: ['v0:{ts}:{id}:{config:a}:{key}:{body}'] }] })
    expect(judge(body, { headers: [['X-Sig', mac(`v0:::x:${KEY}:{}`)]], settings: { a: 'x' } })).toMatchObject({
      content: 'body',
    })
  })

  test('a spelling that was not asked for does not match', () => {
    const plain = anHmac({ signed: [{ templates: ['{url}'] }] })
    const by = (text: string) => outcome(plain, { url, headers: [['X-Sig', mac(text)]] })
    expect([by(url), by('https://a.example:443/in?b=1')]).toEqual([0, 'signature_mismatch'])
    const escaped = anHmac({ signed: [{ templates: ['{url:unescaped}'] }], unescape: ['%3A'] })
    const unescaped = { url: 'https://a.example/%3A', headers: [['X-Sig', mac('https://a.example/:')]] } as const
    expect(outcome(escaped, unescaped)).toBe(0)
    expect(outcome(anHmac({ ...escaped, unescape: [] }), unescaped)).toBe('signature_mismatch')
  })
})

describe('keys', () => {
  test('text of a key in what is hashed is its bytes, key by key', () => {
    const scheme: HashScheme = {
      ...anHmac({ signed: [{ templates: ['{key}{body}'] }] }),
      family: 'hash',
      weakness: 'x',
    }
    const hash = (key: string) => createHash('sha256').update(`${key}{}`).digest('hex')
    const keys = ['kéy-material-2', KEY]
    for (const [at, key] of keys.entries()) expect(outcome(scheme, { keys, headers: [['X-Sig', hash(key)]] })).toBe(at)
    expect(outcome(scheme, { keys, headers: [['X-Sig', hash('')]] })).toBe('signature_mismatch')
    // An identity is stored: nothing of the key goes into it.
    const ofForm: HashScheme = { ...scheme, signed: [{ templates: ['{key}{form:a}'] }] }
    const signature = createHash('sha256').update(`${KEY}1`).digest('hex')
    expect(contentOf(ofForm, { body: 'a=1', headers: [['X-Sig', signature]] })).toBe(
      createHash('sha256').update('1').digest('hex'),
    )
  })

  test('a digest of another algorithm or length is none', () => {
    for (const algorithm of ['sha1', 'sha512'])
      expect(outcome(anHmac(), { headers: [['X-Sig', mac('{}', KEY, algorithm)]] })).toBe('signature_malformed')
    const sha1 = anHmac({ algorithm: 'sha1' })
    expect(outcome(sha1, { headers: [['X-Sig', mac('{}', KEY, 'sha1')]] })).toBe(0)
  })

  test('bytes that are text in no encoding are signed as they are', () => {
    const scheme = anHmac({ signed: [{ templates: ['{header:X-A}|{body}'] }] })
    const verifier = compileScheme(scheme, [{ id: newId(), material: KEY }])
    const body = Buffer.from([0xff, 0x00, 0xfe])
    const signature = mac(Buffer.concat([Buffer.from('\xe9|', 'latin1'), body]))
    const headers = [
      ['X-A', '\xe9'],
      ['X-Sig', signature],
    ] as const
    expect(verifyRequest(verifier, { method: 'POST', url: 'https://a.example/', headers, body }, NOW).ok).toBe(true)
  })

  const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const pem = pair.publicKey.export({ format: 'pem', type: 'spki' }).toString()
  const byKey = (content: string, digest = 'sha256', key: KeyObject = pair.privateKey) =>
    sign(digest, Buffer.from(content), key).toString('base64')
  const ecdsa: AsymmetricScheme = {
    family: 'asymmetric',
    name: 'ecdsa',
    algorithm: 'ecdsa-p256-sha256',
    key: { format: 'spki' },
    signature: { header: 'X-Sig', parse: { kind: 'raw' }, encoding: 'base64' },
    signed: [
      { when: { method: 'PUT' }, templates: ['{method}', '{body}'], algorithm: 'ecdsa-p256-sha1' },
      { templates: ['{method}', '{body}'] },
    ],
  }
  test.each([
    ['the scheme’s algorithm', 'POST', byKey('{}'), 0],
    ['another template', 'POST', byKey('POST'), 0],
    ['the algorithm of another case', 'POST', byKey('{}', 'sha1'), 'signature_mismatch'],
    ['the case’s own algorithm', 'PUT', byKey('{}', 'sha1'), 0],
    ['the scheme’s where the case has its own', 'PUT', byKey('{}'), 'signature_mismatch'],
    ['bytes that are no signature', 'POST', Buffer.alloc(70, 1).toString('base64'), 'signature_mismatch'],
    [
      'r and s without DER',
      'POST',
      sign('sha256', Buffer.from('{}'), { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64'),
      'signature_mismatch',
    ],
  ])('public: %s', (_, method, signature, wanted) =>
    expect(outcome(ecdsa, { method, headers: [['X-Sig', signature]], keys: [pem] })).toBe(wanted))

  test('public: a case whose algorithm the key cannot do refuses and does not throw', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const odd: AsymmetricScheme = {
      ...ecdsa,
      algorithm: 'ed25519',
      signed: [{ templates: ['{body}'], algorithm: 'ecdsa-p256-sha256' }],
    }
    const headers = [['X-Sig', sign(null, Buffer.from('{}'), privateKey).toString('base64')]] as const
    const keys = [publicKey.export({ format: 'pem', type: 'spki' }).toString()]
    expect(outcome(odd, { headers, keys })).toBe('signature_mismatch')
    expect(outcome({ ...odd, signed: [{ templates: ['{body}'] }] }, { headers, keys })).toBe(0)
  })

  test('public: by the id that the signature names, from the provider', () => {
    const call = {
      method: 'GET',
      origins: [{ environment: 'a', origin: 'https://api.a.example' }],
      path: '/{id}',
    } as const
    const scheme: AsymmetricScheme = {
      ...ecdsa,
      key: { format: 'key-api', call, read: '$.key' },
      signature: {
        header: 'X-Sig',
        parse: { kind: 'base64-json', member: 'signature', keyIdMember: 'kid' },
        encoding: 'base64',
      },
      signed: [{ templates: ['{body}'] }],
    }
    const shown = Buffer.from(JSON.stringify({ signature: byKey('{}'), kid: 'k1' })).toString('base64')
    const remote: Remote = ({ url }) =>
      url === 'https://api.a.example/k1'
        ? { ok: true, text: JSON.stringify({ key: pem }) }
        : { ok: false, why: 'refused' }
    const given: Given = { headers: [['X-Sig', shown]], keys: ['client:secret'] }
    expect(outcome(scheme, given)).toBe('remote_pending')
    expect(outcome(scheme, { ...given, remote })).toBe(0)
    expect(outcome(scheme, { ...given, remote: () => ({ ok: false, why: 'failed' }) })).toBe('key_unavailable')
  })

  test('public: any of several, and the first of two that are the same', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey
    const keys = [other.export({ format: 'pem', type: 'spki' }).toString(), pem, pem]
    expect(outcome(ecdsa, { headers: [['X-Sig', byKey('{}')]], keys })).toBe(1)
    const address = 'https://keys.a.example/jwks'
    expect(outcome(ecdsa, { headers: [['X-Sig', byKey('{}')]], keys: [address] })).toBe('remote_pending')
  })

  test('a public key stands for the name in the settings, in what is signed as well as beside it', () => {
    const named: AsymmetricScheme = {
      ...ecdsa,
      key: {
        format: 'key-api',
        call: { method: 'GET', origins: [{ environment: 'a', origin: 'https://api.a.example' }], path: '/{id}' },
        read: '$.key',
        pin: 'account',
        pattern: '.+',
        example: 'x',
      } as never,
      signed: [
        {
          templates: ['{key}{body}'],
          require: [
            { kind: 'equals-key', source: 'header:X-Account' },
            { kind: 'header-equals', header: 'X-A', value: '1' },
          ],
        },
      ],
    }
    const from = (account: string, content: string, more: Headers = [['X-A', '1']]): Given => ({
      headers: [['X-Sig', byKey(content)], ['X-Account', account], ...more],
      keys: [pem],
      settings: { account: 'ü1' },
    })
    const account = Buffer.from('ü1').toString('latin1')
    expect(outcome(named, from('ü1', 'ü1{}'))).toBe(0)
    expect(outcome(named, from('ü1', '{}'))).toBe('signature_mismatch')
    expect(outcome(named, from(account, 'ü1{}'))).toBe('requirement_failed')
    expect(outcome(named, from('other', 'ü1{}'))).toBe('requirement_failed')
    expect(outcome(named, from('ü1', 'ü1{}', []))).toBe('requirement_failed')
    expect(outcome(named, { ...from('ü1', 'ü1{}'), settings: {} })).toBe('requirement_failed')
    const unnamed: AsymmetricScheme = { ...ecdsa, signed: [{ templates: ['{key}{body}'] }] }
    expect(outcome(unnamed, { headers: [['X-Sig', byKey('{}')]], keys: [pem] })).toBe(0)
  })

  test('a form is signed without the field that holds its signature', () => {
    const scheme = anHmac({
      signature: { form: 'sig', parse: { kind: 'raw' }, encoding: 'hex' },
      signed: [{ templates: ['{form:php}'] }],
    })
    const signature = mac('a:1:{s:1:"a";s:1:"1";}')
    expect(outcome(scheme, { body: `a=1&sig=${signature}` })).toBe(0)
    expect(outcome(scheme, { body: `a=2&sig=${signature}` })).toBe('signature_mismatch')
  })

  test('the header of a time is the time where it is listed among signed headers', () => {
    const scheme = anHmac({
      signed: [{ templates: ['{listed-headers:X-List}'] }],
      timestamp: { in: { header: 'X-Time' }, ...WINDOW },
    })
    const headers = (time: string): Headers => [
      ['X-Sig', mac(`x-a:1;x-time:${time}`)],
      ['X-List', 'X-A,X-Time'],
      ['X-A', '1'],
      ['X-Time', time],
    ]
    const contents = ['1767225600', '1767225601'].map((time) => contentOf(scheme, { headers: headers(time) }))
    const wanted = createHash('sha256').update('x-a:1;x-time:').digest('hex')
    expect(contents).toEqual([wanted, wanted])
  })
})
