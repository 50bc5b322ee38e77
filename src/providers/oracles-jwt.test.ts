/** Libraries that read signed tokens as judges, and `jose` as the judge of our own reader; `test/support/oracle.ts` says how. */
import { createHash, createHmac, createSecretKey, generateKeyPairSync } from 'node:crypto'
import { Receiver } from '@upstash/qstash'
import { verifySignature as verifyVonage } from '@vonage/jwt'
import { OAuth2Client } from 'google-auth-library'
import { base64url, exportJWK, exportSPKI, importJWK, importSPKI, jwtVerify, SignJWT } from 'jose'
import { AccessToken, WebhookReceiver } from 'livekit-server-sdk'
import messagebird from 'messagebird/lib/webhook-signature-jwt.js'
import { Configuration, PlaidApi } from 'plaid'
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
import type { RemoteAnswer, RemoteNeed } from './remote.ts'

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

describeFrozen('google-auth-library and google-pubsub', () => {
  const EMAIL = 'push@postern-sample.iam.gserviceaccount.com'
  const settings = { audience: RECEIVER }
  const KEY_SET = 'https://www.googleapis.com/oauth2/v3/certs'
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const claims = {
    ...FRESH,
    iss: 'https://accounts.google.com',
    aud: RECEIVER,
    email: EMAIL,
    email_verified: true,
    sub: '1',
  }
  const token = (change: Claims = {}) =>
    new SignJWT({ ...claims, ...change }).setProtectedHeader({ alg: 'RS256', kid: 'key-1' }).sign(pair.privateKey)
  const theirs = async (text: string) =>
    accepts(async () => {
      const certificates = { 'key-1': await exportSPKI(pair.publicKey) }
      const issuers = ['https://accounts.google.com', 'accounts.google.com']
      return new OAuth2Client().verifySignedJwtWithCertsAsync(text, certificates, RECEIVER, issuers)
    })
  const ours = async (text: string) => {
    const set = JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'key-1', use: 'sig' }] })
    return verdict('google-pubsub', { headers: [['Authorization', `Bearer ${text}`]], body: TRICKY }, EMAIL, {
      settings,
      remote: ({ url }) => (url === KEY_SET ? { ok: true, text: set } : undefined),
    })
  }

  test('a token of the pinned account: both accept', async () => {
    const text = await token()
    expect(await theirs(text)).toBe(true)
    expect(await ours(text)).toBe('accepted')
  })

  test.each<[string, Claims, string]>([
    ['another audience', { aud: 'https://elsewhere.example.com/' }, 'claim_mismatch'],
    ['another issuer', { iss: 'https://accounts.example.com' }, 'claim_mismatch'],
    ['an hour after its end', { iat: NOW_SECONDS - 7200, exp: NOW_SECONDS - 3600 }, 'signature_stale'],
    ['no end', { exp: undefined }, 'claim_missing'],
  ])('%s: both refuse', async (_, change, reason) => {
    const text = await token(change)
    expect(await theirs(text)).toBe(false)
    expect(await ours(text)).toBe(reason)
  })

  test('one character of the signature changed: both refuse', async () => {
    const text = flip(await token())
    expect(await theirs(text)).toBe(false)
    expect(await ours(text)).toBe('signature_mismatch')
  })

  test.each<[string, Claims, string]>([
    ['a token of any other account', { email: 'push@another.iam.gserviceaccount.com' }, 'claim_mismatch'],
    ['an address that is not verified', { email_verified: false }, 'claim_mismatch'],
    ['four minutes after its end', { iat: NOW_SECONDS - 540, exp: NOW_SECONDS - 240 }, 'signature_stale'],
  ])('%s: the library accepts it; here it is refused', async (_, change, reason) => {
    const text = await token(change)
    expect(await theirs(text)).toBe(true)
    expect(await ours(text)).toBe(reason)
  })

  test('what we sign it accepts', async () => {
    const signing = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    const { request } = send('google-pubsub', {
      key: { signing, verifying: EMAIL },
      settings: { ...settings, serviceAccountEmail: EMAIL },
    })
    const text = header(request, 'Authorization').slice('Bearer '.length)
    expect(await ours(text)).toBe('accepted')
    // The library looks its certificates up by `kid`, which a token that we sign has not: `undefined` is the name then.
    const certificates = { undefined: await exportSPKI(pair.publicKey) }
    const ticket = await new OAuth2Client().verifySignedJwtWithCertsAsync(text, certificates, RECEIVER, [claims.iss])
    expect(ticket.getPayload()?.email).toBe(EMAIL)
  })
})

describeFrozen('plaid, jose and plaid', () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const KID = '6c5516e1-92dc-479e-a8ff-5a51992e0001'
  const CREDENTIALS = 'client-1:secret-1'
  const token = (change: Claims = {}, alg = 'ES256') =>
    new SignJWT({ iat: NOW_SECONDS, request_body_sha256: digest(TRICKY, 'hex'), ...change })
      .setProtectedHeader({ alg, kid: KID, typ: 'JWT' })
      .sign(pair.privateKey)
  const answer = async (expired_at: number | null = null) =>
    JSON.stringify({
      key: { ...(await exportJWK(pair.publicKey)), alg: 'ES256', kid: KID, use: 'sig', created_at: 1, expired_at },
      request_id: 'r1',
    })
  const ours = (text: string, body: string, remote: (need: RemoteNeed) => RemoteAnswer | undefined) =>
    verdict('plaid', { headers: [['Plaid-Verification', text]], body }, CREDENTIALS, { remote })
  /** As Plaid documents it: the key by its id, ES256 and no other, five minutes, the digest of the body. */
  const theirs = async (text: string, body: string, key: object) =>
    accepts(async () => {
      const { payload } = await jwtVerify(text, await importJWK({ ...key }, 'ES256'), {
        algorithms: ['ES256'],
        maxTokenAge: '5 min',
      })
      return payload['request_body_sha256'] === digest(body, 'hex')
    })

  test('the key is asked for as Plaid’s own client asks for it', async () => {
    const asked: unknown[] = []
    const client = new PlaidApi(
      new Configuration({
        basePath: 'https://production.plaid.com',
        baseOptions: {
          adapter: async (config: { url?: string; method?: string; data?: string }) => {
            asked.push({ method: config.method?.toUpperCase(), url: config.url, body: JSON.parse(config.data ?? '') })
            return { data: await answer(), status: 200, statusText: 'OK', headers: {}, config }
          },
        },
      }),
    )
    const { data } = await client.webhookVerificationKeyGet({ client_id: 'client-1', secret: 'secret-1', key_id: KID })
    const needs: RemoteNeed[] = []
    const text = await token()
    expect(
      ours(text, TRICKY, (need) => {
        needs.push(need)
        return { ok: true, text: JSON.stringify(data) }
      }),
    ).toBe('accepted')
    expect(needs.map(({ method, url, body = '' }) => ({ method, url, body: JSON.parse(body) }))).toEqual(asked)
    expect(await theirs(text, TRICKY, data.key)).toBe(true)
  })

  test('another body, an old token, a signature changed: both refuse', async () => {
    const { key } = JSON.parse(await answer())
    const remote = await answer().then((text) => () => ({ ok: true, text }) as const)
    for (const [text, body, reason] of [
      [await token(), `${TRICKY} `, 'claim_mismatch'],
      [await token({ iat: NOW_SECONDS - 301 }), TRICKY, 'signature_stale'],
      [flip(await token()), TRICKY, 'signature_mismatch'],
      [await token({ iat: undefined }), TRICKY, 'claim_missing'],
    ] as const) {
      expect(await theirs(text, body, key)).toBe(false)
      expect(ours(text, body, remote)).toBe(reason)
    }
  })

  test('a key that Plaid has retired is refused, though its signature is right', async () => {
    const text = await token()
    const retired = await answer(NOW_SECONDS - 1)
    expect(ours(text, TRICKY, () => ({ ok: true, text: retired }))).toBe('certificate_expired')
  })

  test('what we sign, jose accepts under the public key', async () => {
    const { request, key } = send('plaid', { body: TRICKY })
    const { payload, protectedHeader } = await jwtVerify(
      header(request, 'Plaid-Verification'),
      await importSPKI(key.verifying, 'ES256'),
      { algorithms: ['ES256'], maxTokenAge: '5 min' },
    )
    expect(protectedHeader.alg).toBe('ES256')
    expect(payload['request_body_sha256']).toBe(digest(TRICKY, 'hex'))
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
