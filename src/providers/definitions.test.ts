import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { newId } from '../base/model/ids.ts'
import { readPayload } from './body.ts'
import { compileScheme } from './compile.ts'
import { allowedMethods } from './definition.ts'
import { compileEvent } from './extract.ts'
import { identityOf } from './identity.ts'
import { checkKey } from './keys.ts'
import { normalise } from './normalise.ts'
import { findProvider, providers } from './registry.ts'
import { headerValue } from './request.ts'
import { sampleEvent } from './sample.ts'
import { generateSigningKey, signAs } from './sign.ts'
import { compileSource } from './source.ts'
import { judge } from './vectors.ts'
import { verifyRequest } from './verify.ts'

const NOW = 1_767_225_600_000
const schemes = [...providers.values()].flatMap((definition) =>
  definition.schemes.map((scheme) => ({ label: `${definition.id} ${scheme.name}`, definition, scheme })),
)

test('the registry lists exactly the files, each under its own id', () => {
  const files = readdirSync(new URL('definitions', import.meta.url)).map((file) => file.replace(/\.ts$/, ''))
  expect([...providers.keys()].sort()).toEqual(files.sort())
})

test('names that every object has are no providers', () => {
  for (const id of ['__proto__', 'constructor', 'toString', '', 'Stripe', 'stripe '])
    expect(findProvider(id)).toBeUndefined()
})

describe.each([...providers.values()])('$id', (definition) => {
  test.each(definition.vectors.accepted)('accepts: $why', (vector) => {
    expect(judge(definition, vector)).toMatchObject({ ok: true })
  })

  test.each(definition.vectors.refused)('refuses: $why', (vector) => {
    expect(judge(definition, vector)).toMatchObject({ ok: false })
  })

  test('every case and every source of the definition can be compiled', () => {
    for (const scheme of definition.schemes) compileScheme(scheme, [])
    compileEvent(definition.event)
    for (const handshake of definition.handshakes ?? []) {
      for (const source of Object.keys(handshake.when.match ?? {})) compileSource(source)
    }
    expect(new Set(definition.schemes.map((scheme) => scheme.name)).size).toBe(definition.schemes.length)
    expect(allowedMethods(definition)).toContain('POST')
  })
})

describe.each(schemes)('$label', ({ definition, scheme }) => {
  const key = generateSigningKey(scheme)
  const sample = sampleEvent(definition, { id: 'a1b2c3d4e5', now: NOW })
  const signed = signAs(definition, {
    ...sample,
    scheme: scheme.name,
    key: key.signing,
    now: NOW,
    url: 'https://hooks.example.com/in/1',
  })
  const keyId = newId()

  test('a generated key passes the check for new integrations', () => {
    expect(checkKey(scheme, key.verifying)).toBeUndefined()
  })

  test('the sample, signed, is verified, read, named and identified', () => {
    const result = verifyRequest(compileScheme(scheme, [{ id: keyId, material: key.verifying }]), signed, NOW)
    if (!result.ok) throw new Error(result.reason)
    expect(result.keyId).toBe(keyId)
    const payload = readPayload(definition, headerValue(signed.headers, 'content-type'), signed.body)
    if (!payload.ok) throw new Error(payload.reason)
    const attributes = compileEvent(definition.event)(signed, payload, result)
    expect(attributes.type?.value).toBe(sample.type)
    const event = normalise(definition, { eventId: 'ours', receivedAt: new Date(NOW), attributes })
    expect(event.type).toBe(sample.type)
    expect(event.source.startsWith(`/providers/${definition.id}`)).toBe(true)
    expect(identityOf(definition, result, attributes)).toBeDefined()
  })
})

/** What dedupe rests on and how much is covered, spelt out: a change here changes which requests are duplicates. */
test.each([
  ['acme', undefined, 'body', { kind: 'id', value: 'evt-a1' }],
  ['discord', undefined, 'body', { kind: 'body-digest' }],
  ['github', undefined, 'body', { kind: 'body-digest' }],
  ['gitlab', 'signing-token', 'body', { kind: 'id', value: 'a1' }],
  ['gitlab', 'token', 'none', { kind: 'id', value: 'a1' }],
  ['globex', undefined, 'none', { kind: 'id', value: 'gx-a1' }],
  ['sendgrid', undefined, 'body', { kind: 'body-digest' }],
  ['shopify', 'webhooks', 'body', { kind: 'body-digest' }],
  ['shopify', 'events', 'body', { kind: 'body-digest' }],
  ['slack', undefined, 'body', { kind: 'id', value: 'Eva1' }],
  ['standard-webhooks', undefined, 'body', { kind: 'id', value: 'msg_a1' }],
  ['standard-webhooks-asymmetric', undefined, 'body', { kind: 'id', value: 'msg_a1' }],
  ['stripe', undefined, 'body', { kind: 'id', value: 'evt_a1' }],
  ['svix', undefined, 'body', { kind: 'id', value: 'msg_a1' }],
  ['twilio', undefined, 'request', { kind: 'content-digest', digest: expect.any(Buffer) }],
] as const)('%s (%s) covers the %s and is identified by %o', (id, name, coverage, identity) => {
  const definition = findProvider(id)!
  const scheme = definition.schemes.find((each) => name === undefined || each.name === name)!
  const key = generateSigningKey(scheme)
  const url = 'https://hooks.example.com/in/1'
  const send = (now: number) => {
    const sample = sampleEvent(definition, { id: 'a1', now: NOW })
    const request = signAs(definition, { ...sample, scheme: scheme.name, key: key.signing, now, url })
    const result = verifyRequest(compileScheme(scheme, [{ id: newId(), material: key.verifying }]), request, now)
    if (!result.ok) throw new Error(result.reason)
    const payload = readPayload(definition, sample.contentType, request.body)
    if (!payload.ok) throw new Error(payload.reason)
    return {
      result,
      identity: identityOf(definition, result, compileEvent(definition.event)(request, payload, result)),
    }
  }
  const sent = send(NOW)
  expect(sent.result.coverage).toBe(coverage)
  expect(sent.identity).toEqual(identity)
  // The provider's retry: the same event under a later timestamp and so another signature.
  expect(send(NOW + 60_000).identity).toEqual(sent.identity)
})
