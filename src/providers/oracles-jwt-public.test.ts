/** Tokens signed with a published key: libraries and `jose` as judges; `test/support/oracle.ts` says how. */
import { createHash, generateKeyPairSync } from 'node:crypto'
import { OAuth2Client } from 'google-auth-library'
import { exportJWK, exportSPKI, importJWK, importSPKI, jwtVerify, SignJWT } from 'jose'
import { Configuration, PlaidApi } from 'plaid'
import { expect, test } from 'vitest'
import {
  accepts,
  describeFrozen,
  flip,
  header,
  NOW_SECONDS,
  RECEIVER,
  send,
  TRICKY,
  verdict,
} from '../../test/support/oracle.ts'
import type { RemoteAnswer, RemoteNeed } from './remote.ts'

type Claims = Readonly<Record<string, unknown>>

function digest(text: string, encoding: 'hex' | 'base64' | 'base64url'): string {
  return createHash('sha256').update(text).digest(encoding)
}

const FRESH = { iat: NOW_SECONDS, nbf: NOW_SECONDS, exp: NOW_SECONDS + 300 }

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
