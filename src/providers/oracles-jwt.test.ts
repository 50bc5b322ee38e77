/** Libraries that read tokens signed with a secret as judges, and `jose` as the judge of our own reader; `test/support/oracle.ts` says how. */
import { createHash, createHmac, createSecretKey } from 'node:crypto'
import { Receiver } from '@upstash/qstash'
import { verifySignature as verifyVonage } from '@vonage/jwt'
import { base64url, jwtVerify, SignJWT } from 'jose'
import { AccessToken, WebhookReceiver } from 'livekit-server-sdk'
import messagebird from 'messagebird/lib/webhook-signature-jwt.js'
import { expect, test } from 'vitest'
import {
  accepts,
  describeFrozen,
  describeOracle,
  flip,
  HOUR,
  header,
  NOW_SECONDS,
  newKey,
  RECEIVER,
  send,
  TRICKY,
  verdict,
  withLast,
} from '../../test/support/oracle.ts'

type Claims = Readonly<Record<string, unknown>>

function digest(text: string, encoding: 'hex' | 'base64' | 'base64url'): string {
  return createHash('sha256').update(text).digest(encoding)
}

function hmacToken(claims: Claims, key: string, alg: 'HS256' | 'HS384' | 'HS512' = 'HS256'): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader({ alg, typ: 'JWT' }).sign(Buffer.from(key))
}

const FRESH = { iat: NOW_SECONDS, nbf: NOW_SECONDS, exp: NOW_SECONDS + 300 }

const qstashClaims = (body: string) => ({
  ...FRESH,
  iss: 'Upstash',
  sub: RECEIVER,
  jti: 'jwt_1',
  body: digest(body, 'base64url'),
})

const qstash = {
  verify: (token: string, body: string, currentSigningKey: string, url?: string) =>
    new Receiver({ currentSigningKey, nextSigningKey: 'sig_another' }).verify({
      signature: token,
      body,
      ...(url === undefined ? {} : { url }),
    }),
  headers: (token: string) => [['Upstash-Signature', token]] as const,
}

describeOracle(
  '@upstash/qstash',
  {
    provider: 'upstash-qstash',
    verify: (request, key) => qstash.verify(header(request, 'Upstash-Signature'), request.body, key, request.url),
    sign: async (body, key) => ({ headers: qstash.headers(await hmacToken(qstashClaims(body), key)) }),
    refusesStale: true,
  },
  () => {
    const { verifying } = newKey('upstash-qstash')

    test('another URL than the receiver’s: the library looks only when it is given one; here always', async () => {
      const token = await hmacToken({ ...qstashClaims(TRICKY), sub: 'https://elsewhere.example.com/' }, verifying)
      expect(await qstash.verify(token, TRICKY, verifying)).toBe(true)
      expect(await accepts(() => qstash.verify(token, TRICKY, verifying, RECEIVER))).toBe(false)
      expect(verdict('upstash-qstash', { headers: qstash.headers(token), body: TRICKY }, verifying)).toBe(
        'claim_mismatch',
      )
    })

    test('a token that never ends: the library accepts it; here it is claim_missing', async () => {
      const { exp: _, ...endless } = qstashClaims(TRICKY)
      const token = await hmacToken(endless, verifying)
      expect(await qstash.verify(token, TRICKY, verifying, RECEIVER)).toBe(true)
      expect(verdict('upstash-qstash', { headers: qstash.headers(token), body: TRICKY }, verifying)).toBe(
        'claim_missing',
      )
    })

    test('HS512 under the same secret: the library accepts it; here it is algorithm_refused', async () => {
      const token = await hmacToken(qstashClaims(TRICKY), verifying, 'HS512')
      expect(await qstash.verify(token, TRICKY, verifying, RECEIVER)).toBe(true)
      expect(verdict('upstash-qstash', { headers: qstash.headers(token), body: TRICKY }, verifying)).toBe(
        'algorithm_refused',
      )
    })
  },
)

const messagebirdClaims = (body: string) => ({
  ...FRESH,
  iss: 'MessageBird',
  jti: 'a-b-c',
  url_hash: digest(RECEIVER, 'hex'),
  payload_hash: digest(body, 'hex'),
})

const bird = {
  verify: (token: string, body: string, key: string, url = RECEIVER) =>
    messagebird.verify(url, Buffer.from(body), token, createSecretKey(Buffer.from(key))),
  headers: (token: string) => [['MessageBird-Signature-JWT', token]] as const,
}

describeOracle(
  'messagebird',
  {
    provider: 'messagebird',
    verify: (request, key) => bird.verify(header(request, 'MessageBird-Signature-JWT'), request.body, key, request.url),
    sign: async (body, key) => ({ headers: bird.headers(await hmacToken(messagebirdClaims(body), key)) }),
    refusesStale: true,
  },
  () => {
    const { verifying } = newKey('messagebird')

    test('HS384 and HS512 as well, in both', async () => {
      for (const algorithm of ['HS384', 'HS512'] as const) {
        const token = await hmacToken(messagebirdClaims(TRICKY), verifying, algorithm)
        expect(await bird.verify(token, TRICKY, verifying)).toBe(true)
        expect(verdict('messagebird', { headers: bird.headers(token), body: TRICKY }, verifying)).toBe('accepted')
      }
    })

    test('another URL, or a body where none was signed: both refuse', async () => {
      const { payload_hash: _, ...bodiless } = messagebirdClaims('')
      const [token, empty] = await Promise.all([
        hmacToken(messagebirdClaims(TRICKY), verifying),
        hmacToken(bodiless, verifying),
      ])
      const url = `${RECEIVER}&more=1`
      expect(await accepts(() => bird.verify(token, TRICKY, verifying, url))).toBe(false)
      expect(verdict('messagebird', { headers: bird.headers(token), body: TRICKY, url }, verifying)).toBe(
        'claim_mismatch',
      )
      for (const body of ['', TRICKY]) {
        expect(await accepts(() => bird.verify(empty, body, verifying))).toBe(body === '')
        expect(verdict('messagebird', { headers: bird.headers(empty), body }, verifying)).toBe(
          body === '' ? 'accepted' : 'claim_mismatch',
        )
      }
    })

    test('a token that never ends: the library accepts it; here it is claim_missing', async () => {
      const { exp: _, ...endless } = messagebirdClaims(TRICKY)
      const token = await hmacToken(endless, verifying)
      expect(await bird.verify(token, TRICKY, verifying)).toBe(true)
      expect(verdict('messagebird', { headers: bird.headers(token), body: TRICKY }, verifying)).toBe('claim_missing')
    })
  },
)

const API_KEY = 'APIpostern123'
const livekitSettings = { apiKey: API_KEY }
const livekitClaims = (body: string) => ({ ...FRESH, iss: API_KEY, sha256: digest(body, 'base64') })

describeOracle(
  'livekit-server-sdk',
  {
    provider: 'livekit',
    settings: livekitSettings,
    // The library also reads the event, and knows only its own.
    body: '{"event":"room_started","id":"EV_1","room":{"name":"Grüße 👋 $& \\u00e9"},"createdAt":"1798761600"}\n',
    verify: (request, key) => new WebhookReceiver(API_KEY, key).receive(request.body, header(request, 'Authorization')),
    sign: async (body, key) => {
      const token = new AccessToken(API_KEY, key, { ttl: 60 })
      token.sha256 = digest(body, 'base64')
      return { headers: [['Authorization', await token.toJwt()]] }
    },
    refusesStale: true,
  },
  ({ theirs, ours }) => {
    const { verifying } = newKey('livekit')
    const body = '{"event":"room_started"}'
    const received = (token: string) => ({ headers: [['Authorization', token]] as const, body })

    test('a token that never ends, or of another API key: both refuse', async () => {
      const { exp: _, ...endless } = livekitClaims(body)
      for (const [claims, reason] of [
        [endless, 'claim_missing'],
        [{ ...livekitClaims(body), iss: 'APIanother' }, 'claim_mismatch'],
      ] as const) {
        const request = received(await hmacToken(claims, verifying))
        expect(await theirs(request, verifying)).toBe(false)
        expect(ours(request, verifying)).toBe(reason)
      }
    })

    test('HS512 under the same secret: the library accepts it; here it is algorithm_refused', async () => {
      const request = received(await hmacToken(livekitClaims(body), verifying, 'HS512'))
      expect(await theirs(request, verifying)).toBe(true)
      expect(ours(request, verifying)).toBe('algorithm_refused')
    })
  },
)

describeFrozen('@vonage/jwt and vonage', () => {
  const { verifying } = newKey('vonage')
  const claims = (body: string) => ({
    iat: NOW_SECONDS,
    jti: 'a-b-c',
    iss: 'Vonage',
    payload_hash: digest(body, 'hex'),
    api_key: 'a1b2c3d',
  })
  const received = (token: string, body = TRICKY) => ({
    headers: [['Authorization', `Bearer ${token}`]] as const,
    body,
  })

  test('what we sign it accepts; another key or signature, both refuse', () => {
    const { request, key } = send('vonage', { body: TRICKY })
    const token = header(request, 'Authorization').slice('Bearer '.length)
    expect(verdict('vonage', request, key.verifying)).toBe('accepted')
    expect(verifyVonage(token, key.verifying)).toBe(true)
    expect(verifyVonage(flip(token), key.verifying)).toBe(false)
    expect(verdict('vonage', withLast(request, flip), key.verifying)).toBe('signature_mismatch')
    expect(verifyVonage(token, verifying)).toBe(false)
    expect(verdict('vonage', request, verifying)).toBe('signature_mismatch')
  })

  test('another body under the same token: the library looks at the token alone; here it is claim_mismatch', async () => {
    const token = await hmacToken(claims(TRICKY), verifying)
    expect(verifyVonage(token, verifying)).toBe(true)
    expect(verdict('vonage', received(token), verifying)).toBe('accepted')
    expect(verdict('vonage', received(token, `${TRICKY} `), verifying)).toBe('claim_mismatch')
  })

  test('an hour old, or an hour ahead: the library accepts it; here it is refused', async () => {
    for (const [iat, reason] of [
      [NOW_SECONDS - HOUR / 1000, 'signature_stale'],
      [NOW_SECONDS + HOUR / 1000, 'signature_future'],
    ] as const) {
      const token = await hmacToken({ ...claims(TRICKY), iat }, verifying)
      expect(verifyVonage(token, verifying)).toBe(true)
      expect(verdict('vonage', received(token), verifying)).toBe(reason)
    }
  })
})

describeFrozen('jose and our own reader of tokens', () => {
  const { verifying } = newKey('livekit')
  const judged = (text: string) =>
    verdict('livekit', { headers: [['Authorization', text]], body: TRICKY }, verifying, { settings: livekitSettings })
  const theirs = (text: string) =>
    accepts(() =>
      jwtVerify(text, Buffer.from(verifying), { algorithms: ['HS256'], issuer: API_KEY, requiredClaims: ['exp'] }),
    )
  const part = (value: unknown) => base64url.encode(JSON.stringify(value))
  const signed = (head: unknown, claims: unknown = livekitClaims(TRICKY)) => {
    const text = `${part(head)}.${part(claims)}`
    return `${text}.${createHmac('sha256', verifying).update(text).digest('base64url')}`
  }

  test('a plain token is accepted by both', async () => {
    const text = signed({ alg: 'HS256' })
    expect(await theirs(text)).toBe(true)
    expect(judged(text)).toBe('accepted')
  })

  test.each<[string, () => string]>([
    ['no algorithm', () => signed({ typ: 'JWT' })],
    ['alg none, unsigned', () => `${part({ alg: 'none' })}.${part(livekitClaims(TRICKY))}.`],
    ['alg none, signed', () => signed({ alg: 'none' })],
    ['alg in lower case', () => signed({ alg: 'hs256' })],
    ['alg as a list', () => signed({ alg: ['HS256'] })],
    ['an extension that must be understood', () => signed({ alg: 'HS256', crit: ['b64'], b64: false })],
    ['claims that are a list', () => signed({ alg: 'HS256' }, [])],
    ['claims that are null', () => signed({ alg: 'HS256' }, null)],
    ['exp as text', () => signed({ alg: 'HS256' }, { ...livekitClaims(TRICKY), exp: String(NOW_SECONDS + 300) })],
    ['nbf as text', () => signed({ alg: 'HS256' }, { ...livekitClaims(TRICKY), nbf: String(NOW_SECONDS) })],
    ['ended ten seconds ago', () => signed({ alg: 'HS256' }, { ...livekitClaims(TRICKY), exp: NOW_SECONDS - 10 })],
    ['a fourth part', () => `${signed({ alg: 'HS256' })}.AAAA`],
    ['two parts', () => signed({ alg: 'HS256' }).split('.').slice(0, 2).join('.')],
    ['a signature cut short', () => signed({ alg: 'HS256' }).slice(0, -4)],
  ])('%s: both refuse', async (_, make) => {
    const text = make()
    expect(await theirs(text)).toBe(false)
    expect(judged(text)).not.toBe('accepted')
  })

  test('a space at the end: jose accepts it; here it is signature_malformed', async () => {
    const text = `${signed({ alg: 'HS256' })} `
    expect(await theirs(text)).toBe(true)
    expect(judged(text)).toBe('signature_malformed')
  })
})
