import { describe, expect, test } from 'vitest'
import { newId } from '../base/model/ids.ts'
import { compileScheme, coverageOfScheme } from './compile.ts'
import { needsOf } from './needs.ts'
import { providers } from './registry.ts'
import { sampleEvent } from './sample.ts'
import { generateSigningKey, signAs } from './sign.ts'
import { TAMPERINGS, tamper } from './tamper.ts'
import { checkVectors } from './vectors.ts'
import { verifyRequest } from './verify.ts'

const NOW = 1_767_225_600_123
const cases = [...providers.values()].flatMap((definition) =>
  definition.schemes
    .filter(({ family }) => family !== 'fetch-back')
    .flatMap((scheme) => [
      { label: `${definition.id} ${scheme.name}`, definition, scheme, slot: undefined },
      ...needsOf(definition, scheme).slots.map(({ slot }) => ({
        label: `${definition.id} ${scheme.name} ${slot}`,
        definition,
        scheme,
        slot,
      })),
    ]),
)

describe.each(cases)('$label', ({ definition, scheme, slot }) => {
  const key = generateSigningKey(scheme)
  const sample = sampleEvent(definition, { id: 'a1b2', now: NOW })
  const { settings: specs, pin } = needsOf(definition, scheme)
  const settings = {
    ...Object.fromEntries(specs.map(({ name, example }) => [name, example])),
    // Another than in the sample: whoever sends a test has a name of their own.
    ...(pin === undefined ? {} : { [pin.pin]: pin.example.replace(/0(?=\D*$)/, '1') }),
  }
  const url = 'https://hooks.example.com/in/1'
  const input = {
    ...sample,
    settings,
    scheme: scheme.name,
    key: key.signing,
    now: NOW,
    url,
    ...(slot === undefined ? {} : { slot }),
  }
  const verifier = compileScheme(
    scheme,
    [{ id: newId(), material: key.verifying, ...(slot === undefined ? {} : { slot }) }],
    { settings },
  )

  test('as it is: accepted', () => {
    expect(verifyRequest(verifier, signAs(definition, input), NOW)).toMatchObject({ ok: true })
  })

  test.each(TAMPERINGS)('%s: refused, or the same request twice', (kind) => {
    const requests = tamper(definition, input, kind)
    const timed = scheme.family === 'jwt' || ('timestamp' in scheme && scheme.timestamp !== undefined)
    const covered = coverageOfScheme(scheme) !== 'none'
    const possible = kind === 'body' ? covered : kind === 'stale' || kind === 'future' ? timed : true
    expect(requests !== undefined).toBe(possible)
    const reasons = requests
      ?.map((request) => verifyRequest(verifier, request, NOW))
      .map((result) => (result.ok ? 'accepted' : result.reason))
    if (kind === 'replay') expect(reasons).toEqual(['accepted', 'accepted'])
    else if (possible)
      expect(reasons).toEqual([
        kind === 'stale' || kind === 'future'
          ? `signature_${kind}`
          : kind === 'body'
            ? expect.stringMatching(/^(?:signature_mismatch|claim_mismatch|requirement_failed)$/)
            : expect.stringMatching(/^signature_m/),
      ])
  })
})

test('a sample carries ids and types of any text without breaking its body', () => {
  for (const definition of providers.values()) {
    const id = 'a"b\\c\n$&{{type}}&x=1'
    const { body, contentType } = sampleEvent(definition, { id, type: 'x"y', now: NOW })
    if (body.length === 0) continue
    if (contentType.includes('json')) expect(() => JSON.parse(body.toString())).not.toThrow()
    else if (definition.id === 'twilio') expect(new URLSearchParams(body.toString()).get('MessageSid')).toBe(`SM${id}`)
  }
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
