/**
 * Vendors' own libraries as judges: one request is put before the library and before our engine, and both must say the
 * same. Where a library accepts more than we do, the test beside it says so by name, so that a vendor's change shows.
 *
 * The clock stands still at `NOW` in these tests, for the libraries too.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { HeaderList } from '../../src/base/model/event.ts'
import { newId } from '../../src/base/model/ids.ts'
import { compileScheme } from '../../src/providers/compile.ts'
import { findScheme, type ProviderDefinition } from '../../src/providers/definition.ts'
import { findProvider } from '../../src/providers/registry.ts'
import type { Remote } from '../../src/providers/remote.ts'
import { headerValue } from '../../src/providers/request.ts'
import { sampleEvent } from '../../src/providers/sample.ts'
import { generateSigningKey, type SigningKey, signAs } from '../../src/providers/sign.ts'
import type { SignedRequest } from '../../src/providers/sign-request.ts'
import { verifyRequest } from '../../src/providers/verify.ts'

export const NOW = Date.UTC(2027, 0, 1)
export const NOW_SECONDS = NOW / 1000
export const RECEIVER = 'https://hooks.example.com/in/1?env=prod&x=%2F'
/** Whatever a careless reader of bodies changes: non-ASCII, escapes, `$&`, a line break at the end. */
export const TRICKY = '{"id":"evt_1","type":"order.paid","note":"Grüße 👋 $& $1 \\u00e9\\/"}\n'

export const HOUR = 3_600_000

export type Settings = Readonly<Record<string, string>>

export interface Sending {
  readonly scheme?: string
  /** The provider's sample when absent. */
  readonly body?: string
  readonly contentType?: string
  readonly key?: SigningKey
  readonly now?: number
  readonly url?: string
  readonly settings?: Settings
}

export interface Sent {
  readonly request: SignedRequest
  readonly key: SigningKey
}

/** A request as the provider sends it, made by our own `signAs`. */
export function send(provider: string, sending: Sending = {}): Sent {
  const { scheme, key = newKey(provider, scheme), now = NOW, url = RECEIVER, settings = {} } = sending
  const definition = definitionOf(provider)
  const sample = sampleEvent(definition, { id: 'a1', now })
  const request = signAs(definition, {
    ...sample,
    ...(scheme === undefined ? {} : { scheme }),
    contentType: sending.contentType ?? sample.contentType,
    body: sending.body === undefined ? sample.body : Buffer.from(sending.body),
    key: key.signing,
    now,
    url,
    settings,
  })
  return { request, key }
}

export function newKey(provider: string, scheme?: string): SigningKey {
  return generateSigningKey(findScheme(definitionOf(provider), scheme)!)
}

export interface Received {
  readonly headers: HeaderList
  readonly body: string | Buffer
  readonly method?: string
  readonly url?: string
}

export interface Judging {
  readonly scheme?: string
  readonly settings?: Settings
  readonly remote?: Remote
  readonly now?: number
}

/** @returns `accepted`, or the reason of the refusal. */
export function verdict(
  provider: string,
  { headers, body, method = 'POST', url = RECEIVER }: Received,
  key: string,
  { scheme, settings = {}, remote, now = NOW }: Judging = {},
): string {
  const verifier = compileScheme(findScheme(definitionOf(provider), scheme)!, [{ id: newId(), material: key }], {
    settings,
  })
  const result = verifyRequest(verifier, { method, url, headers, body: Buffer.from(body) }, now, remote)
  return result.ok ? 'accepted' : result.reason
}

function definitionOf(provider: string): ProviderDefinition {
  const definition = findProvider(provider)
  if (definition === undefined) throw new Error(`no provider ${provider}`)
  return definition
}

/** `''` when it is missing. */
export function header(request: Pick<Received, 'headers'>, name: string): string {
  return headerValue(request.headers, name.toLowerCase()) ?? ''
}

/** As Node hands them to libraries: lower-case names. */
export function headerRecord(request: Pick<Received, 'headers'>): Record<string, string> {
  return Object.fromEntries(request.headers.map(([name, value]) => [name.toLowerCase(), value]))
}

export function flip(text: string, at = text.length - 10): string {
  return text.slice(0, at) + (text[at] === '1' ? '2' : '1') + text.slice(at + 1)
}

/** The library's answer: it refuses by `false` or by throwing. */
export async function accepts(call: () => unknown): Promise<boolean> {
  try {
    return (await call()) !== false
  } catch {
    return false
  }
}

export interface Oracle {
  readonly provider: string
  readonly scheme?: string
  readonly settings?: Settings
  /** Where the library wants a body of a certain form. */
  readonly body?: string
  /** Refuses by `false` or by throwing. */
  readonly verify: (request: Received & { readonly body: string }, key: string) => unknown
  /** Headers, or body, as the library makes them; absent where it only verifies. The key is what the operator pastes. */
  readonly sign?: (body: string, key: string) => Signed | Promise<Signed>
  /** Where the receiver's URL is signed and the library wants it in a certain form. */
  readonly url?: string
  /** The library looks at the age of the request. */
  readonly refusesStale?: boolean
  /** The library judges what it would write itself, so a space between tokens is nothing to it. */
  readonly reserialises?: boolean
}

interface Signed {
  readonly headers: HeaderList
  readonly body?: string
}

export interface Judges {
  /** A signed request, with the oracle's scheme and body unless told otherwise. */
  readonly sent: (change?: Sending) => Sent
  readonly ours: (request: Received, key: string) => string
  readonly theirs: (request: Received, key: string) => Promise<boolean>
  /** A test of what the library lets through and the engine refuses, for `reason`. */
  readonly laxer: (what: string, make: () => Sent, reason: string) => void
}

/**
 * Both directions, and a set of changes that both must refuse. Signatures stand in the last header.
 *
 * @param more Tests beside these, with the clock still: what the library lets through and we do not.
 */
export function describeOracle(library: string, oracle: Oracle, more: (judges: Judges) => void = () => {}): void {
  const { provider, scheme, settings = {}, body = TRICKY, url = RECEIVER } = oracle
  const named = { ...(scheme === undefined ? {} : { scheme }), settings, url }
  const sent = (change: Sending = {}) => send(provider, { ...named, body, ...change })
  const ours = (request: Received, key: string) => verdict(provider, request, key, named)
  const theirs = (request: Received, key: string) =>
    accepts(() => oracle.verify({ ...request, body: request.body.toString() }, key))

  describeFrozen(`${library} and ${provider}${scheme === undefined ? '' : ` ${scheme}`}`, () => {
    test('what we sign it accepts', async () => {
      for (const each of [sent(), send(provider, named)]) {
        expect(ours(each.request, each.key.verifying)).toBe('accepted')
        expect(await theirs(each.request, each.key.verifying)).toBe(true)
      }
    })

    if (oracle.sign !== undefined) {
      const { sign } = oracle
      test('what it signs we accept, and nothing else under that signature', async () => {
        const { verifying } = newKey(provider, scheme)
        const request = { body, url, ...(await sign(body, verifying)) }
        expect(ours(request, verifying)).toBe('accepted')
        expect(ours({ ...request, body: flip(request.body) }, verifying)).toMatch(/mismatch$/)
        expect(ours(request, newKey(provider, scheme).verifying)).toMatch(/mismatch$/)
      })
    }

    test.each<[string, (sent: Sent) => Sent]>([
      ['one character of the body changed', ({ request, key }) => ({ key, request: withBody(request, flip) })],
      ['one character of the signature changed', ({ request, key }) => ({ key, request: withLast(request, flip) })],
      [
        'a signature cut short',
        ({ request, key }) => ({ key, request: withLast(request, (text) => text.slice(0, -4)) }),
      ],
      ['an empty signature', ({ request, key }) => ({ key, request: withLast(request, () => '') })],
      ['no signature', ({ request, key }) => ({ key, request: { ...request, headers: request.headers.slice(0, -1) } })],
      ['another key', ({ request }) => ({ request, key: newKey(provider, scheme) })],
    ])('%s: both refuse', async (_, change) => {
      const { request, key } = change(sent())
      expect(ours(request, key.verifying)).not.toBe('accepted')
      expect(await theirs(request, key.verifying)).toBe(false)
    })

    if (oracle.reserialises !== true) {
      test('a space after the body: both refuse', async () => {
        const { request, key } = sent()
        const longer = withBody(request, (text) => `${text} `)
        expect(ours(longer, key.verifying)).not.toBe('accepted')
        expect(await theirs(longer, key.verifying)).toBe(false)
      })
    }

    if (oracle.refusesStale === true) {
      test('an hour old: both refuse', async () => {
        const { request, key } = sent({ now: NOW - HOUR })
        expect(ours(request, key.verifying)).toBe('signature_stale')
        expect(await theirs(request, key.verifying)).toBe(false)
      })
    }

    more({
      sent,
      ours,
      theirs,
      laxer: (what, make, reason) => {
        test(`${what}: the library accepts it; here it is ${reason}`, async () => {
          const { request, key } = make()
          expect(await theirs(request, key.verifying)).toBe(true)
          expect(ours(request, key.verifying)).toBe(reason)
        })
      },
    })
  })
}

/** For everything that asks `Date`. */
export function describeFrozen(name: string, tests: () => void): void {
  describe(name, () => {
    beforeAll(() => {
      vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
    })
    afterAll(() => {
      vi.useRealTimers()
    })
    tests()
  })
}

export function withBody(request: SignedRequest, change: (body: string) => string): SignedRequest {
  return { ...request, body: Buffer.from(change(request.body.toString())) }
}

export function withLast(request: SignedRequest, change: (value: string) => string): SignedRequest {
  const [name, value] = request.headers.at(-1)!
  return { ...request, headers: [...request.headers.slice(0, -1), [name, change(value)]] }
}

export function withHeader(request: SignedRequest, name: string, change: (value: string) => string): SignedRequest {
  return {
    ...request,
    headers: request.headers.map(([each, value]) =>
      each.toLowerCase() === name.toLowerCase() ? [each, change(value)] : [each, value],
    ),
  }
}
