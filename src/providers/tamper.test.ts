import { describe, expect, test } from 'vitest'
import { coversBody, keyOf, SCHEME_CASES, settingsOf, verdict } from '../../test/support/signed-requests.ts'
import { providers } from './registry.ts'
import { sampleEvent } from './sample.ts'
import { signAs } from './sign.ts'
import { TAMPERINGS, tamper } from './tamper.ts'
import { checkVectors } from './vectors.ts'

const NOW = 1_767_225_600_123
/** Asked of the provider instead of proved by the request: there is nothing in it to tamper with. */
const proved = SCHEME_CASES.filter(({ scheme }) => scheme.family !== 'fetch-back')

describe.each(SCHEME_CASES)('$label', (each) => {
  const { definition, scheme } = each
  const key = keyOf(scheme)
  const sample = sampleEvent(definition, { id: 'a1b2', now: NOW })
  const input = {
    ...sample,
    scheme: scheme.name,
    key: key.signing,
    now: NOW,
    url: 'https://hooks.example.com/in/1',
    settings: settingsOf(each),
  }
  const isProved = proved.includes(each)

  test.each(TAMPERINGS)('%s: refused, or the same request twice', (kind) => {
    const requests = tamper(definition, input, kind)
    const timed = scheme.family === 'jwt' || ('timestamp' in scheme && scheme.timestamp !== undefined)
    const possible =
      kind === 'body'
        ? coversBody(scheme)
        : kind === 'stale' || kind === 'future'
          ? timed
          : kind === 'replay' || isProved
    expect(requests !== undefined).toBe(possible)
    if (kind === 'replay' && !isProved) return
    const reasons = requests?.map((request) => verdict(each, request, [key.verifying], { now: NOW }))
    if (kind === 'replay') expect(reasons).toEqual(['accepted', 'accepted'])
    else if (possible)
      expect(reasons).toEqual([
        kind === 'stale' || kind === 'future'
          ? `signature_${kind}`
          : expect.stringMatching(kind === 'body' && scheme.family === 'jwt' ? /^claim_mismatch$/ : /^signature_m/),
      ])
  })
})

test('a sample carries ids and types of any text without breaking its body', () => {
  for (const definition of providers.values()) {
    const id = 'a"b\\c\n$&{{type}}&x=1<y>'
    const { body, contentType } = sampleEvent(definition, { id, type: 'x"y', now: NOW })
    const text = body.toString()
    if (text === '') continue
    if (contentType.includes('json') || /^[[{]/.test(text)) expect(() => JSON.parse(text), definition.id).not.toThrow()
    else if (contentType.includes('xml')) expect(text, definition.id).not.toMatch(/<y>|&x/)
    else {
      // Each value of the form is whole: as many fields as with a plain id.
      const plain = sampleEvent(definition, { id: 'a', type: 'b', now: NOW }).body.toString()
      const names = (form: string) => [...new URLSearchParams(form).keys()]
      expect(names(text), definition.id).toEqual(names(plain))
    }
  }
  const twilio = sampleEvent(providers.get('twilio')!, { id: 'a&b=c', now: NOW })
  expect(new URLSearchParams(twilio.body.toString()).get('MessageSid')).toBe('SMa&b=c')
})

test('what cannot be signed is refused with a code', () => {
  const definition = providers.get('sendgrid')!
  const input = {
    ...sampleEvent(definition, { id: 'a', now: NOW }),
    now: NOW,
    url: 'https://a.example/',
    key: 'not a key',
  }
  expect(() => signAs(definition, input)).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }))
  expect(() => signAs(definition, { ...input, scheme: 'nothing' })).toThrow(
    expect.objectContaining({ code: 'VALIDATION_ERROR' }),
  )
})

describe('vector files', () => {
  const find = (id: string) => providers.get(id)
  const vector = {
    id: 'v1',
    provider: 'github',
    method: 'POST',
    headers: { 'X-Hub-Signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' },
    rawBodyBase64: 'SGVsbG8sIFdvcmxkIQ==',
    secret: "It's a Secret to Everybody",
    expect: 'valid',
  }

  test('each vector gives one line; unknown providers, schemes and shapes are unsupported, never skipped', () => {
    const lines = checkVectors(
      [
        vector,
        { ...vector, secret: 'other' },
        { ...vector, provider: 'nobody' },
        { ...vector, provider: '__proto__' },
        { ...vector, variant: 'sha1' },
        { ...vector, headers: [] },
        { ...vector, rawBodyBase64: '*' },
        { ...vector, secret: null },
        null,
        7,
      ],
      find,
    )
    expect(lines.map((line) => `${line.actual} ${line.reason}`)).toEqual([
      'valid matched_sha256',
      'invalid signature_mismatch',
      'unsupported provider_unknown',
      'unsupported provider_unknown',
      'unsupported scheme_unknown',
      ...Array.from({ length: 5 }, () => 'unsupported vector_malformed'),
    ])
    expect(lines[0]).toEqual({ id: 'v1', expect: 'valid', actual: 'valid', reason: 'matched_sha256' })
  })

  test('a list inside an object is read, anything else is one unsupported line', () => {
    expect(checkVectors({ vectors: [vector] }, find)).toHaveLength(1)
    for (const json of [{}, 'text', null, 3])
      expect(checkVectors(json, find)).toMatchObject([{ actual: 'unsupported' }])
  })

  test('the clock and the window are the vector’s own', () => {
    const [at, stale, none] = checkVectors(
      [{}, { validAtEpochSeconds: 1_614_265_331 + 10 }, { validAtEpochSeconds: undefined }].map((change, index) => ({
        id: String(index),
        provider: 'svix',
        rawBodyBase64: Buffer.from('{"test": 2432232314}').toString('base64'),
        secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        expect: 'valid',
        headers: {
          'svix-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
          'svix-timestamp': '1614265330',
          'svix-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
        },
        validAtEpochSeconds: 1_614_265_331,
        toleranceSeconds: 5,
        ...change,
      })),
      find,
    )
    expect([at?.actual, stale?.reason, none?.actual]).toEqual(['valid', 'signature_stale', 'valid'])
  })
})
