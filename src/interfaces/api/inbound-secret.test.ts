/** Which forms of key each kind of scheme takes, as operators paste them, and what is said of the others. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { newId } from '../../base/model/ids.ts'
import { findScheme } from '../../providers/definition.ts'
import { needsOf } from '../../providers/needs.ts'
import { findProvider, providers } from '../../providers/registry.ts'
import { generateSigningKey } from '../../providers/sign.ts'
import { createKeyring } from '../../resources/secrets/keyring.ts'
import { createReferences } from '../../resources/secrets/references.ts'
import { inboundKeyContext, openSecret } from '../../resources/secrets/stored-secret.ts'
import { isProblem, judgeSecret, storeSecret } from './inbound-secret.ts'

const secrets = {
  keyring: createKeyring(Buffer.alloc(32, 7)),
  references: createReferences({ environment: { A_KEY: 'kept-elsewhere-0123' }, dataDir: '/nonexistent' }),
}

const pem = (key: KeyObject) => key.export({ format: 'pem', type: 'spki' }).toString()
const jwk = (key: KeyObject) => JSON.stringify(key.export({ format: 'jwk' }))
const ed25519 = generateKeyPairSync('ed25519').publicKey
const p256 = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const der = (key: KeyObject) => key.export({ format: 'der', type: 'spki' })

/** Self-signed, P-256. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBhjCCASugAwIBAgIUMGq5RH4Cqd82VhKv6MEk++d3FaUwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMcG9zdGVybiB0ZXN0MCAXDTI2MTEyNTA0MTk1N1oYDzIxMjYx
MTAxMDQxOTU3WjAXMRUwEwYDVQQDDAxwb3N0ZXJuIHRlc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAQyoUhhbu0G3Eh3OA3eOghiz2xPn8mPTtnYwnvBTzsv76bX
BJYeQK5kEAGJi28BgODdZhe7JSe4TvMWnjDvyvRao1MwUTAdBgNVHQ4EFgQUZIbc
dXeXMTJveMFB+F6sq3c0n2gwHwYDVR0jBBgwFoAUZIbcdXeXMTJveMFB+F6sq3c0
n2gwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA1RurH531UzBt
WdstTerqMJogZ7j8PpV1GWZIEXkdwkoCIQCcuwSGKpd8eMISiJFdciD8Yndu5gqr
g/DafN1aHMGuYA==
-----END CERTIFICATE-----
`

const FORMS = {
  text: 'Kj3-dk2_lW9xPq7zVb4nMc8r',
  whsec: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  base64: 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  hex: '4f3c2b1a09f8e7d6c5b4a392817060504f3c2b1a09f8e7d6c5b4a39281706050',
  'ed25519 raw hex': der(ed25519).subarray(-32).toString('hex'),
  'ed25519 raw base64': der(ed25519).subarray(-32).toString('base64'),
  'ed25519 PEM': pem(ed25519),
  'ed25519 JWK': jwk(ed25519),
  'P-256 PEM': pem(p256),
  'P-256 DER': der(p256).toString('base64'),
  'P-256 JWK': jwk(p256),
  'P-256 JWKS': `{"keys":[${jwk(p256)}]}`,
  'P-256 certificate': CERTIFICATE,
  'RSA PEM': pem(rsa.publicKey),
  'RSA DER': der(rsa.publicKey).toString('base64'),
  'RSA JWK': jwk(rsa.publicKey),
  'RSA private key': rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  'JWKS of many kinds': `{"keys":[${jwk(p256)},${jwk(rsa.publicKey)},${jwk(ed25519)}]}`,
  'JWKS URL': 'https://keys.example.com/.well-known/jwks.json',
  'credentials for an API': 'client-1:Kj3dk2lW9xPq7zVb4nMc8r',
  'topic ARN': 'arn:aws:sns:eu-central-1:123456789012:orders',
  'service account': 'push@project-1.iam.gserviceaccount.com',
  empty: '',
  blank: '  ',
  'too short': 'ab',
  'a placeholder': 'your-webhook-secret',
  'white space around it': ' Kj3-dk2_lW9xPq7zVb4nMc8r ',
} as const
type Form = keyof typeof FORMS

const TEXTS = [
  'text',
  'whsec',
  'base64',
  'hex',
  'ed25519 raw hex',
  'ed25519 raw base64',
  'P-256 DER',
  'RSA DER',
  'credentials for an API',
  'topic ARN',
  'service account',
] as const

/** By kind of key: a scheme of that kind, and every form it takes. All others are refused. */
const SCHEMES: readonly (readonly [provider: string, scheme: string, settings: Record<string, string>, Form[]])[] = [
  ['github', 'sha256', {}, [...TEXTS]],
  ['gitlab', 'token', {}, [...TEXTS]],
  ['adyen', 'basic', { username: 'hook-user' }, [...TEXTS]],
  ['mollie', 'classic', {}, [...TEXTS]],
  ['livekit', 'jwt', {}, [...TEXTS]],
  [
    'standard-webhooks',
    'v1',
    {},
    ['whsec', 'base64', 'hex', 'ed25519 raw hex', 'ed25519 raw base64', 'P-256 DER', 'RSA DER'],
  ],
  ['adyen', 'payments-item', {}, ['hex', 'ed25519 raw hex']],
  [
    'discord',
    'ed25519',
    {},
    ['hex', 'ed25519 raw hex', 'ed25519 PEM', 'ed25519 JWK', 'JWKS of many kinds', 'JWKS URL'],
  ],
  [
    'standard-webhooks-asymmetric',
    'v1a',
    {},
    ['ed25519 raw base64', 'ed25519 PEM', 'ed25519 JWK', 'JWKS of many kinds', 'JWKS URL'],
  ],
  [
    'sendgrid',
    'ecdsa',
    {},
    ['P-256 PEM', 'P-256 DER', 'P-256 JWK', 'P-256 JWKS', 'P-256 certificate', 'JWKS of many kinds', 'JWKS URL'],
  ],
  ['wise', 'signature', {}, ['RSA PEM', 'RSA DER', 'RSA JWK', 'JWKS of many kinds', 'JWKS URL']],
  [
    'aws-sns',
    'signature',
    { topicArn: 'arn:aws:sns:eu-central-1:123456789012:orders' },
    ['topic ARN', 'RSA PEM', 'RSA JWK', 'JWKS of many kinds', 'JWKS URL'],
  ],
  [
    'google-pubsub',
    'jwt',
    { serviceAccountEmail: 'push@project-1.iam.gserviceaccount.com' },
    ['service account', 'RSA PEM', 'RSA JWK', 'JWKS of many kinds', 'JWKS URL'],
  ],
  [
    'plaid',
    'jwt',
    {},
    [
      'credentials for an API',
      'P-256 PEM',
      'P-256 JWK',
      'P-256 JWKS',
      'P-256 certificate',
      'JWKS of many kinds',
      'JWKS URL',
      'topic ARN',
    ],
  ],
  ['paypal', 'postback', {}, ['credentials for an API', 'topic ARN']],
  ['salesforce', 'mtls', {}, ['hex', 'ed25519 raw hex', 'P-256 certificate']],
]

describe.each(SCHEMES)('%s %s', (id, name, settings, taken) => {
  const definition = findProvider(id)!
  const scheme = findScheme(definition, name)!
  const judge = (text: string, given = settings) =>
    judgeSecret(secrets, { definition, scheme, settings: given }, { path: 'secret', text, slot: undefined })

  test.each(Object.keys(FORMS) as Form[])('%s', async (form) => {
    const text = FORMS[form]
    const judged = await judge(text)
    expect(isProblem(judged) ? judged.message : 'taken', form).toEqual(
      taken.includes(form) ? 'taken' : expect.stringContaining(`Expected: ${needsOf(definition, scheme).keyForm}`),
    )
    if (isProblem(judged)) {
      expect(judged.path).toBe('secret')
      if (text.trim().length > 4) expect(judged.message).not.toContain(text.trim())
    }
  })

  test('what is taken opens again to the same text', async () => {
    for (const form of taken) {
      const judged = await judge(FORMS[form])
      if (isProblem(judged)) throw new Error(judged.message)
      const key = { id: newId(), tenantId: newId() }
      expect(await openSecret(secrets, inboundKeyContext(key), storeSecret(secrets, key, judged))).toBe(FORMS[form])
    }
  })
})

describe('a key and its settings', () => {
  const judge = (id: string, name: string, text: string, settings: Record<string, string>) => {
    const definition = findProvider(id)!
    const scheme = findScheme(definition, name)!
    return judgeSecret(secrets, { definition, scheme, settings }, { path: 'secret', text, slot: undefined })
  }

  test('a public key stands for nobody until the setting names whom', async () => {
    expect(await judge('aws-sns', 'signature', FORMS['RSA PEM'], {})).toMatchObject({ path: 'settings.topicArn' })
    expect(await judge('aws-sns', 'signature', FORMS['JWKS URL'], {})).toMatchObject({ path: 'settings.topicArn' })
    expect(await judge('aws-sns', 'signature', FORMS['topic ARN'], {})).toMatchObject({ reference: null })
  })

  test('a name given twice must be the same name', async () => {
    const other = { topicArn: 'arn:aws:sns:eu-central-1:123456789012:others' }
    expect(await judge('aws-sns', 'signature', FORMS['topic ARN'], other)).toMatchObject({ path: 'settings.topicArn' })
  })

  test('a password needs its user, in the settings or before it', async () => {
    expect(await judge('adyen', 'basic', FORMS.text, {})).toMatchObject({ path: 'settings.username' })
    expect(await judge('adyen', 'basic', `hook-user:${FORMS.text}`, {})).toMatchObject({ reference: null })
  })

  test('a reference is resolved to be judged, and kept as a reference', async () => {
    const judged = await judge('github', 'sha256', 'env:A_KEY', {})
    expect(judged).toMatchObject({ reference: 'env:A_KEY' })
    if (!isProblem(judged))
      expect(storeSecret(secrets, { id: newId(), tenantId: newId() }, judged)).toEqual({
        reference: 'env:A_KEY',
        sealed: null,
        slot: null,
      })
    expect(await judge('adyen', 'payments-item', 'env:A_KEY', {})).toMatchObject({
      path: 'secret',
      message: expect.stringMatching(/must be hex.*Expected: The HMAC key/),
    })
    expect(await judge('github', 'sha256', 'env:NOT_SET', {})).toMatchObject({ path: 'secret' })
  })
})

test('every scheme of every provider takes the key that fits it, and no other than its own slots', async () => {
  for (const definition of providers.values()) {
    for (const scheme of definition.schemes) {
      const { pin, slots } = needsOf(definition, scheme)
      const settings = {
        ...(pin === undefined ? {} : { [pin.pin]: pin.example }),
        ...(scheme.family === 'basic' ? { [scheme.usernameSetting]: 'hook-user' } : {}),
      }
      const text = generateSigningKey(scheme).verifying
      const judge = (slot: string | undefined) =>
        judgeSecret(secrets, { definition, scheme, settings }, { path: 'keys.0.secret', text, slot })
      const label = `${definition.id} ${scheme.name}`
      expect(await judge(undefined), label).toMatchObject({ material: text, slot: null })
      for (const { slot } of slots) expect(await judge(slot), label).toMatchObject({ slot })
      expect(await judge('no-such-slot'), label).toMatchObject({ path: 'keys.0.slot' })
    }
  }
})
