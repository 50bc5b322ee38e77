/** Signatures and handshakes as vendors' documentation and libraries make them, held against the engine as a whole. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { DEFAULT_TENANT } from '../base/model/ids.ts'
import { readPayload } from './body.ts'
import { compileScheme } from './compile.ts'
import { answerHandshake } from './handshake.ts'
import { parseKey } from './keys.ts'
import type { Verified } from './outcome.ts'
import { findProvider, providers } from './registry.ts'
import { headerValue } from './request.ts'
import { checkVectors } from './vectors.ts'
import { verifyRequest } from './verify.ts'

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../test/fixtures/vectors/${name}.json`, import.meta.url), 'utf8'))
}

describe('signatures', () => {
  const vectors = fixture('signatures') as readonly { readonly provider: string; readonly expect: string }[]

  test('every vector is judged as it says, and none is passed over', () => {
    const lines = checkVectors(vectors, findProvider)
    expect(lines).toHaveLength(542)
    expect(lines.filter(({ actual }) => actual === 'unsupported')).toEqual([])
    expect(lines.filter(({ expect: wanted, actual }) => actual !== wanted)).toEqual([])
  })

  test('they are of both kinds, for every provider that they name', () => {
    const named = new Set(vectors.map(({ provider }) => provider))
    for (const provider of named) {
      expect(providers.has(provider), provider).toBe(true)
      const own = vectors.filter((each) => each.provider === provider)
      expect(new Set(own.map((each) => each.expect)), provider).toEqual(new Set(['valid', 'invalid']))
    }
  })
})

interface HandshakeVector {
  readonly provider: string
  readonly name: string
  readonly state?: 'endpoint pending'
  readonly secret?: string
  readonly config?: Readonly<Record<string, string | readonly string[]>>
  readonly validAtEpochSeconds?: number
  readonly request: {
    readonly method: string
    readonly query?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
  }
  readonly response: {
    readonly status: number
    readonly contentType?: string
    readonly body?: string
    readonly json?: unknown
    readonly headers?: Readonly<Record<string, string>>
  }
  readonly capture?: Readonly<Record<string, string>>
}

/** Of a vector without a signature: that the answer waits for one is what the other tests are about. */
const ASSUMED: Verified = {
  ok: true,
  scheme: 'assumed',
  keyId: DEFAULT_TENANT,
  coverage: 'body',
  covers: { body: true, url: false, headers: [], members: [], fields: [] },
  content: 'body',
}

describe('handshakes', () => {
  const vectors = fixture('handshakes') as readonly HandshakeVector[]

  test('there are fifteen', () => {
    expect(vectors).toHaveLength(15)
  })

  test.each(vectors)('$provider $name', (vector) => {
    const definition = findProvider(vector.provider)
    if (definition === undefined) throw new Error('unknown provider')
    const [scheme] = definition.schemes
    const { secret, state, request: sent, response } = vector
    const settings = Object.fromEntries(
      Object.entries(vector.config ?? {}).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : value.join(','),
      ]),
    )
    const request = {
      method: sent.method,
      url: `https://receiver.example/in${sent.query === undefined ? '' : `?${sent.query}`}`,
      headers: Object.entries(sent.headers ?? {}),
      body: Buffer.from(sent.body ?? ''),
    }
    const payload = readPayload(definition, headerValue(request.headers, 'content-type'), request.body)
    const material = secret === undefined ? [] : [{ id: DEFAULT_TENANT, material: secret }]
    const at = vector.validAtEpochSeconds
    const result = verifyRequest(
      compileScheme(scheme, material, { settings }),
      request,
      at === undefined ? 'no-clock' : at * 1000,
    )
    // What is signed must verify before it is answered; with a secret at hand nothing is assumed.
    const isSigned = definition.handshakes?.some(({ signed }) => signed) === true && sent.method === 'POST'
    if (secret !== undefined && isSigned) expect(result).toMatchObject({ ok: true })
    const parsed = secret === undefined ? undefined : parseKey(scheme, secret)
    const context = {
      status: state === 'endpoint pending' ? 'pending' : 'active',
      settings,
      ...(parsed?.ok && parsed.kind === 'secret' ? { key: parsed.key } : {}),
    } as const
    const verified = result.ok ? result : secret === undefined && isSigned ? ASSUMED : undefined
    const answer = answerHandshake(definition, request, payload.ok ? payload : undefined, context, verified)

    expect(answer?.status).toBe(response.status)
    const header = (name: string) => headerValue(answer?.headers ?? [], name.toLowerCase())
    if (response.contentType !== undefined) expect(header('content-type')?.split(';')[0]).toBe(response.contentType)
    for (const [name, value] of Object.entries(response.headers ?? {})) expect(header(name)).toBe(value)
    if (response.json !== undefined) expect(JSON.parse(answer?.body ?? '')).toEqual(response.json)
    else expect(answer?.body).toBe(response.body ?? '')
    expect(header('content-type') ?? '').not.toContain('html')
    expect(answer?.capture?.value).toBe(vector.capture?.['secret'])
    if (state === 'endpoint pending') {
      // What captures a secret is no handshake once there is one.
      const later = answerHandshake(
        definition,
        request,
        payload.ok ? payload : undefined,
        { ...context, status: 'active' },
        verified,
      )
      expect(later).toBeUndefined()
    }
  })
})
