/** The same for tokens: every rule on their claims broken one at a time, and every way of making one up. */
import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  aSigned,
  isJwt,
  type Judging,
  keyOf,
  NOW,
  proofParts,
  SCHEME_CASES,
  settingsOf,
  verdict,
} from '../../test/support/signed-requests.ts'
import type { JwtScheme } from './definition.ts'
import { parseKey } from './keys.ts'
import { editJson } from './sign-body.ts'
import type { SignedRequest } from './sign-request.ts'

type Claims = Readonly<Record<string, unknown>>
const SECONDS = NOW / 1000

const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** HMAC for a text or secret key, else a signature as JOSE writes it. */
function signature(algorithm: string, text: string, key: KeyObject | string): string {
  const hash = `sha${algorithm.slice(2)}`
  const bytes =
    typeof key === 'string' || key.type === 'secret'
      ? createHmac(hash, key).update(text).digest()
      : sign(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
  return bytes.toString('base64url')
}

const testIf = (condition: boolean): ((name: string, body: () => void) => void) => (condition ? test : () => undefined)

describe.each(SCHEME_CASES.filter(isJwt))('$label', (each) => {
  const { scheme } = each
  const { key, request } = aSigned(each)
  const proof = proofParts(each, request)[0]!
  const whole = proof.read(request)!
  const prefix = whole.slice(0, whole.lastIndexOf(' ') + 1)
  const token = whole.slice(prefix.length)
  const [head = '', payload = '', tail = ''] = token.split('.')
  const read = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString()) as Claims
  const [header, claims] = [read(head), read(payload)]
  const [algorithm] = scheme.algorithms
  const signingKey = signingKeyOf(scheme, key.signing)

  const make = (change: Claims, newHead: Claims = header, by: KeyObject | string = signingKey) => {
    const text = `${part(newHead)}.${part({ ...claims, ...change })}`
    return `${text}.${signature(String(newHead['alg']), text, by)}`
  }
  const without = (...names: readonly string[]) => make(Object.fromEntries(names.map((name) => [name, undefined])))
  const shown = (text: string, more: Judging & { readonly on?: SignedRequest } = {}) =>
    verdict(each, proof.write(more.on ?? request, prefix + text), [key.verifying], more)

  test('a token made here like the sender makes it is accepted', () => {
    expect(shown(make({}))).toBe('accepted')
    expect(shown(make({ unknown: { claims: ['are', 'nobody’s business'] } }))).toBe('accepted')
  })

  test('no algorithm but those of the scheme, whatever the token says', () => {
    for (const alg of ['none', 'None', 'NONE', '', undefined, null, 'HS1', 'hs256', 'EdDSA', 'PS256', ['HS256'], 1]) {
      const text = `${part({ ...header, alg })}.${payload}`
      for (const end of ['', tail]) expect(shown(`${text}.${end}`), String(alg)).toBe('algorithm_refused')
    }
    for (const alg of ['HS256', 'HS384', 'HS512', 'RS256', 'ES256']) {
      if (scheme.algorithms.some((known) => known === alg)) continue
      // Signed as it says: with the public key as the secret, the best known confusion of all.
      const made = alg.startsWith('HS')
        ? make({}, { ...header, alg }, key.verifying)
        : `${part({ ...header, alg })}.${payload}.${tail}`
      expect(shown(made), alg).toBe('algorithm_refused')
    }
    for (const alg of scheme.algorithms) {
      if (!alg.startsWith('HS')) continue
      expect(shown(make({}, { ...header, alg }))).toBe('accepted')
      if (alg !== algorithm) expect(shown(`${part({ ...header, alg })}.${payload}.${tail}`)).toBe('signature_mismatch')
    }
  })

  testIf(!algorithm.startsWith('HS'))('an HMAC keyed with the public key in any spelling is refused', () => {
    const publicKey = createPublicKey(key.verifying)
    for (const secret of [
      key.verifying,
      key.verifying.trim(),
      publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
      JSON.stringify(publicKey.export({ format: 'jwk' })),
    ]) {
      for (const alg of ['HS256', 'HS384', 'HS512'])
        expect(shown(make({}, { ...header, alg }, secret))).toBe('algorithm_refused')
      const text = `${part({ ...header, alg: algorithm })}.${payload}`
      expect(shown(`${text}.${signature('HS256', text, secret)}`)).toBe('signature_mismatch')
    }
  })

  test('extensions that must be understood are refused, also an empty list of them', () => {
    for (const crit of [['b64'], [], 'exp', null])
      expect(shown(make({}, { ...header, crit }))).toBe('algorithm_refused')
  })

  test('a key id that is no name is refused; one that nobody knows finds no other key in a pasted set', () => {
    for (const kid of [1, {}, null, '', 'a b', 'a\n', 'x'.repeat(257), 'k\u0000', 'a?b', 'a#b', 'a%2f'])
      expect(shown(make({}, { ...header, kid })), String(kid)).toBe('signature_malformed')
    if (algorithm.startsWith('HS')) return
    const jwk = createPublicKey(key.verifying).export({ format: 'jwk' })
    const other = createPublicKey(keyOf(scheme, 1).verifying).export({ format: 'jwk' })
    const set = JSON.stringify({
      keys: [
        { ...other, kid: 'one' },
        { ...jwk, kid: 'two' },
      ],
    })
    const by = (kid: string | undefined) =>
      verdict(each, proof.write(request, prefix + make({}, { ...header, kid })), [set])
    expect(by('two')).toBe('accepted')
    expect(by(undefined)).toBe('accepted')
    expect(by('one')).toBe('signature_mismatch')
    expect(by('three')).toBe('key_unknown')
  })

  test('what is no token in three parts is refused', () => {
    for (const text of [
      `${head}.${payload}`,
      `${token}.`,
      `${token}.${tail}`,
      `.${payload}.${tail}`,
      `${head}..${tail}`,
      `${head}.${payload}.`,
      `${token}=`,
      ` ${token}`,
      `${token} `,
      `${token}\n`,
      `"${token}"`,
      `${part('[]')}.${payload}.${tail}`,
      `${head}.${part('null')}.${tail}`,
      `${head}.${part('{')}.${tail}`,
      `${head}.${part([claims])}.${tail}`,
      'x'.repeat(8193),
    ])
      expect(shown(text), text.slice(-30)).toMatch(/^signature_m/)
  })

  test('each byte of the signature counts, and so does its one spelling', () => {
    const bytes = Buffer.from(tail, 'base64url')
    for (let at = 0; at < bytes.length; at++) {
      const wrong = Buffer.from(bytes)
      wrong[at]! ^= 1
      expect(shown(`${head}.${payload}.${wrong.toString('base64url')}`)).toBe('signature_mismatch')
    }
    for (const wrong of [
      bytes.subarray(1),
      bytes.subarray(0, -1),
      Buffer.concat([bytes, bytes]),
      Buffer.alloc(bytes.length),
    ])
      expect(shown(`${head}.${payload}.${wrong.toString('base64url')}`)).toBe('signature_mismatch')
    expect(shown(`${head}.${payload}.${bytes.toString('hex')}`)).toBe('signature_mismatch')
    if (/[+/=]/.test(bytes.toString('base64')))
      expect(shown(`${head}.${payload}.${bytes.toString('base64')}`)).toBe('signature_malformed')
  })

  test('claims changed under the old signature are refused', () => {
    expect(shown(`${head}.${part({ ...claims, exp: SECONDS + 9999 })}.${tail}`)).toBe('signature_mismatch')
    expect(shown(`${part({ ...header, typ: 'JOSE' })}.${payload}.${tail}`)).toBe('signature_mismatch')
  })

  const wanted = scheme.claims
  const settings = settingsOf(each)

  test.each(wanted.required ?? [])('%s must be there', (name) => {
    expect(shown(without(name))).toMatch(/^(?:claim_missing|timestamp_missing)$/)
  })

  const texts: readonly (readonly [claim: string, right: unknown])[] = [
    ...(wanted.issuers ?? []).map((issuer) => ['iss', issuer] as const),
    ...(wanted.issuerSetting === undefined ? [] : [['iss', settings[wanted.issuerSetting]] as const]),
    ...(wanted.audienceSetting === undefined ? [] : [['aud', settings[wanted.audienceSetting]] as const]),
    ...(wanted.subjectIsUrl === true ? [['sub', request.url] as const] : []),
    ...Object.entries(wanted.equals ?? {}).flatMap(([names, rule]) =>
      names.split(' | ').map((name) => {
        const pin = 'pin' in scheme.key ? settings[scheme.key.pin] : undefined
        return [name, rule === 'pin' ? pin : 'setting' in rule ? settings[rule.setting] : rule.value] as const
      }),
    ),
  ]
  test.each(texts)('%s says %s and nothing else', (name, right) => {
    // Alternatives are looked at together.
    const cleared = Object.fromEntries(
      Object.keys(wanted.equals ?? {})
        .filter((names) => names.split(' | ').includes(name))
        .flatMap((names) => names.split(' | ').map((other) => [other, undefined])),
    )
    const said = (value: unknown) => shown(make({ ...cleared, [name]: value }))
    expect(said(right)).toBe('accepted')
    for (const wrong of [
      undefined,
      null,
      '',
      `${right}x`,
      ` ${right}`,
      typeof right === 'boolean' ? String(right) : String(right).toUpperCase(),
      !right,
      0,
      1,
      {},
      [],
      { [String(right)]: true },
      ['another'],
    ]) {
      if (wrong === right) continue
      expect(said(wrong), JSON.stringify(wrong)).toMatch(/^claim_m/)
    }
  })

  test('what must be set and is not is never met', () => {
    const names = [
      wanted.issuerSetting,
      wanted.audienceSetting,
      ...Object.values(wanted.equals ?? {}).map((rule) =>
        typeof rule === 'object' && 'setting' in rule ? rule.setting : undefined,
      ),
      'pin' in scheme.key ? scheme.key.pin : undefined,
    ]
    for (const name of names) {
      if (name === undefined) continue
      for (const empty of [{}, { [name]: '' }]) {
        const options = {
          settings: { ...Object.fromEntries(Object.entries(settings).filter(([known]) => known !== name)), ...empty },
        }
        expect(verdict(each, request, [key.verifying], { options }), name).toBe('claim_mismatch')
      }
    }
  })

  const digests = [wanted.bodyHash, wanted.urlHash, wanted.queryHash].flatMap((rule) =>
    rule === undefined ? [] : [rule],
  )
  test.each(digests)('the digest in $claim is that of this request', ({ claim, encoding }) => {
    const right = claims[claim] as string
    const bytes = Buffer.from(right, encoding)
    const wrong = Buffer.from(bytes)
    wrong[0]! ^= 1
    for (const text of [
      undefined,
      null,
      '',
      wrong.toString(encoding),
      bytes.subarray(1).toString(encoding),
      bytes.toString('latin1'),
      ` ${right}`,
      `${right}\n`,
      [right],
      encoding === 'hex' ? bytes.toString('base64') : bytes.toString('hex'),
    ])
      expect(shown(make({ [claim]: text })), String(text)).toMatch(/^claim_m/)
  })

  testIf(wanted.bodyHash !== undefined)(
    'an empty body has the digest of nothing, or none where the sender leaves it out',
    () => {
      const { claim, encoding, absentWhenEmpty } = wanted.bodyHash!
      const empty = { ...request, body: Buffer.alloc(0) }
      const nothing = Buffer.from('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'hex').toString(
        encoding,
      )
      expect(shown(make({ [claim]: nothing }), { on: empty })).toBe(
        absentWhenEmpty === true ? 'claim_mismatch' : 'accepted',
      )
      expect(shown(without(claim), { on: empty })).toBe(absentWhenEmpty === true ? 'accepted' : 'claim_mismatch')
      expect(shown(without(claim))).toBe('claim_mismatch')
      expect(shown(make({}), { on: empty })).toBe('claim_mismatch')
    },
  )

  testIf(wanted.urlHash !== undefined || wanted.subjectIsUrl === true || wanted.queryHash !== undefined)(
    'the same token on another address is refused',
    () => {
      for (const url of [
        `${request.url}&a=1`,
        request.url.replace('/in/1', '/in/2'),
        request.url.replace('?', '/?x=1&'),
      ])
        expect(verdict(each, { ...request, url }, [key.verifying]), url).toBe('claim_mismatch')
    },
  )

  const slack = (wanted.clockToleranceSeconds ?? 0) * 1000
  test('exp and nbf hold to the millisecond', () => {
    const iat = wanted.maxAgeSeconds === undefined ? undefined : SECONDS
    const nbf = wanted.required?.includes('nbf') === true ? SECONDS - 9999 : undefined
    const at = (change: Claims, now: number) => shown(make({ iat, nbf, exp: SECONDS + 9999, ...change }), { now })
    expect(at({ exp: SECONDS + 60 }, NOW + 60_000 + slack - 1)).toBe('accepted')
    expect(at({ exp: SECONDS + 60 }, NOW + 60_000 + slack)).toBe('signature_stale')
    expect(at({ exp: SECONDS + 60 }, NOW + 61_000 + slack)).toBe('signature_stale')
    expect(at({}, NOW)).toBe('accepted')
    expect(at({ nbf: SECONDS + 60 }, NOW + 60_000 - slack)).toBe('accepted')
    expect(at({ nbf: SECONDS + 60 }, NOW + 60_000 - slack - 1)).toBe('signature_future')
    expect(at({ nbf: SECONDS + 60 }, NOW + 59_000 - slack)).toBe('signature_future')
  })

  test('times that are no numbers are refused, whatever the rules', () => {
    for (const name of ['exp', 'nbf', 'iat'])
      for (const value of ['1767229200', null, true, -1, 1e12, [SECONDS], {}])
        expect(shown(make({ [name]: value })), `${name} ${JSON.stringify(value)}`).toBe('timestamp_malformed')
  })

  testIf(wanted.maxAgeSeconds !== undefined)('iat must be there and near, on both sides', () => {
    const span = wanted.maxAgeSeconds! * 1000
    const far = make({ exp: SECONDS + 99_999, nbf: undefined })
    const at = (now: number) => shown(far, { now })
    expect([at(NOW + span), at(NOW + span + 1), at(NOW - span), at(NOW - span - 1)]).toEqual([
      'accepted',
      'signature_stale',
      'accepted',
      'signature_future',
    ])
    expect(shown(without('iat'))).toMatch(/^(?:claim|timestamp)_missing$/)
  })

  const place = scheme.token.in === 'body' ? scheme.token.path : undefined
  testIf(place !== undefined)('of several tokens every one counts', () => {
    const list = place!.replace('[*]', '')
    const name = list.split('.').at(-1)!
    const several = (tokens: readonly unknown[]) => {
      const json = JSON.parse(request.body.toString()) as Record<string, unknown>
      return verdict(each, { ...request, body: Buffer.from(JSON.stringify({ ...json, [name]: tokens })) }, [
        key.verifying,
      ])
    }
    const stale = make({ exp: SECONDS - 3600 })
    const forged = make({}, header, signingKeyOf(scheme, keyOf(scheme, 1).signing))
    expect(several([token, make({ jti: 'another' })])).toBe('accepted')
    expect(several([token, stale])).toBe('signature_stale')
    expect(several([stale, token])).toBe('signature_stale')
    expect(several([token, forged])).toBe('signature_mismatch')
    expect(several([forged, token])).toBe('signature_mismatch')
    expect(several([])).toBe('signature_missing')
    expect(several([token, 1])).toBe('signature_malformed')
    expect(several([token, null])).toBe('signature_malformed')
    expect(several(Array.from({ length: 33 }, () => token))).toBe('too_many_signatures')
    expect(verdict(each, { ...request, body: editJson(request.body, list, token) }, [key.verifying])).toBe(
      'signature_missing',
    )
  })

  const named = scheme.token.in === 'header' ? scheme.token : undefined
  testIf(named !== undefined)('the prefix is the sender’s', () => {
    const judge = (text: string) => verdict(each, proof.write(request, text), [key.verifying])
    expect(judge(`Basic ${token}`)).toBe('signature_malformed')
    const bare = judge(token)
    expect(bare).toBe(
      named!.prefix === undefined || named!.prefixOptional === true ? 'accepted' : 'signature_malformed',
    )
    expect(judge(`${named!.prefix ?? ''}`)).toMatch(/^signature_m/)
  })
})

function signingKeyOf(scheme: JwtScheme, text: string): KeyObject {
  if (text.includes('PRIVATE KEY')) return createPrivateKey(text)
  const parsed = parseKey(scheme, text)
  if (!parsed.ok || parsed.kind !== 'secret') throw new Error('a secret is expected')
  return parsed.key
}
