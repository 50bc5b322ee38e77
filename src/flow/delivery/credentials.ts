/**
 * How a delivery proves who we are, beside its signature: headers, a token that is fetched and kept, or a certificate.
 *
 * Everything that is secret is opened once for each version of it, and told to whoever stores what the receiver answers.
 */
import { LRUCache } from 'lru-cache'
import type { DestinationAuth } from '../../base/model/destination.ts'
import type { AttemptOutcome } from '../../base/model/event.ts'
import type { Outbound, OutboundRequest } from '../../resources/outbound/request.ts'
import type { DeliveryTarget } from '../../resources/store/deliveries.ts'
import type { OpenSecret } from './signing-keys.ts'

/** The secret part of each kind, as it was sealed: JSON. */
export interface AuthSecrets {
  readonly headers?: Readonly<Record<string, string>>
  readonly password?: string
  readonly token?: string
  readonly clientSecret?: string
  readonly privateKey?: string
}

export type Credentials =
  | {
      readonly ok: true
      readonly headers: Readonly<Record<string, string>>
      readonly tls?: NonNullable<OutboundRequest['tls']>
      /** The same for those who log in and send no headers. */
      readonly login?: { readonly username?: string; readonly password?: string; readonly token?: string }
      /** What must not appear in a stored response. */
      readonly secrets: readonly string[]
    }
  | { readonly ok: false; readonly outcome: AttemptOutcome; readonly detail: string }

export interface CredentialStore {
  of(destination: DeliveryTarget): Promise<Credentials>
  /** The destination did not take them: a token is fetched anew the next time. */
  refused(destination: DeliveryTarget): void
}

type Target = Pick<DeliveryTarget, 'id' | 'tenantId' | 'auth' | 'authSealed' | 'allowCidrs'>

const MAX_DESTINATIONS = 1_000
const TOKEN_TIMEOUT_MS = 15_000
const MAX_TOKEN_BYTES = 16 * 1024
/** A token is not used up to its last moment: the request is still to travel. */
const TOKEN_MARGIN_MS = 30_000
const DEFAULT_TOKEN_MS = 5 * 60_000
const MAX_TOKEN_MS = 24 * 3_600_000

export function createCredentials(options: {
  readonly outbound: Pick<Outbound, 'send'>
  readonly openAuth: OpenSecret
  readonly now: () => number
}): CredentialStore {
  const { outbound, openAuth, now } = options
  const opened = new LRUCache<string, AuthSecrets>({ max: MAX_DESTINATIONS })
  const tokens = new LRUCache<string, { readonly token: Promise<Token>; until: number }>({ max: MAX_DESTINATIONS })

  function open(destination: Target): AuthSecrets | undefined {
    if (destination.authSealed === null) return {}
    const key = versionOf(destination)
    const known = opened.get(key)
    if (known !== undefined) return known
    try {
      // Sealed by us, and bound to this row.
      const secrets = JSON.parse(openAuth(destination, destination.authSealed)) as AuthSecrets
      opened.set(key, secrets)
      return secrets
    } catch {
      return undefined
    }
  }

  /** Deliveries that need a token at one moment share one request for it. */
  function tokenFor(destination: Target, auth: OAuth2, secret: string): Promise<Token> {
    const key = versionOf(destination)
    const known = tokens.get(key)
    if (known !== undefined && now() < known.until) return known.token
    const entry = { token: fetchToken(outbound, destination, auth, secret), until: now() + TOKEN_TIMEOUT_MS }
    tokens.set(key, entry)
    void entry.token.then((token) => {
      if (token.ok) entry.until = now() + Math.max(0, Math.min(token.lifetimeMs, MAX_TOKEN_MS) - TOKEN_MARGIN_MS)
      else if (tokens.get(key) === entry) tokens.delete(key)
    })
    return entry.token
  }

  return {
    async of(destination) {
      const { auth } = destination
      const tls = destination.tlsVerify ? undefined : { verify: false }
      if (auth === null) return { ok: true, headers: {}, secrets: [], ...(tls === undefined ? {} : { tls }) }
      const secrets = open(destination)
      if (secrets === undefined)
        return { ok: false, outcome: 'secret_unavailable', detail: 'the credentials cannot be opened' }
      const shown = { ok: true, ...(tls === undefined ? {} : { tls }) } as const
      switch (auth.kind) {
        case 'headers':
          return { ...shown, headers: secrets.headers ?? {}, secrets: Object.values(secrets.headers ?? {}) }
        case 'basic': {
          const { username } = auth
          const { password = '' } = secrets
          const encoded = basic(username, password)
          const login = { username, password }
          return {
            ...shown,
            headers: { authorization: `Basic ${encoded}` },
            secrets: [encoded, password],
            login,
          }
        }
        case 'bearer':
          return { ...shown, ...bearer(secrets.token ?? ''), login: { token: secrets.token ?? '' } }
        case 'mtls': {
          const { privateKey = '' } = secrets
          const shownTls = { verify: destination.tlsVerify, certificate: auth.certificate, privateKey }
          return { ok: true, headers: {}, secrets: [], tls: shownTls }
        }
        case 'oauth2': {
          const token = await tokenFor(destination, auth, secrets.clientSecret ?? '')
          if (!token.ok) return { ok: false, outcome: 'auth_failed', detail: token.detail }
          const { headers, secrets: hidden } = bearer(token.text)
          return { ...shown, headers, secrets: [...hidden, secrets.clientSecret ?? ''] }
        }
      }
    },
    refused(destination) {
      tokens.delete(versionOf(destination))
    },
  }
}

type OAuth2 = Extract<DestinationAuth, { readonly kind: 'oauth2' }>

type Token =
  | { readonly ok: true; readonly text: string; readonly lifetimeMs: number }
  | { readonly ok: false; readonly detail: string }

/** Never rejects. @see RFC 6749, section 4.4 */
async function fetchToken(
  outbound: Pick<Outbound, 'send'>,
  { allowCidrs }: Target,
  auth: OAuth2,
  clientSecret: string,
): Promise<Token> {
  const inBody = auth.clientAuth === 'body'
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(auth.scope === null ? {} : { scope: auth.scope }),
    ...(auth.audience === null ? {} : { audience: auth.audience }),
    ...(inBody ? { client_id: auth.clientId, client_secret: clientSecret } : {}),
  })
  const result = await outbound.send({
    method: 'POST',
    url: auth.tokenUrl,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      // Section 2.3.1: both are form-encoded before they are joined.
      ...(inBody ? {} : { authorization: `Basic ${basic(formEncoded(auth.clientId), formEncoded(clientSecret))}` }),
    },
    body: Buffer.from(form.toString()),
    timeoutMs: TOKEN_TIMEOUT_MS,
    allowCidrs,
    maxResponseBytes: MAX_TOKEN_BYTES,
  })
  if (!result.ok) return { ok: false, detail: `token endpoint: ${result.outcome}` }
  if (result.status !== 200) return { ok: false, detail: `token endpoint: HTTP ${result.status}` }
  return readToken(result.body) ?? { ok: false, detail: 'token endpoint: its answer holds no bearer token' }
}

function readToken(body: Buffer): Token | undefined {
  let answer: unknown
  try {
    answer = JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
  if (typeof answer !== 'object' || answer === null) return undefined
  const { access_token: text, token_type: type, expires_in: seconds } = answer as Readonly<Record<string, unknown>>
  // What goes into a header must be one.
  if (typeof text !== 'string' || !/^[\x21-\x7e]{1,8192}$/.test(text)) return undefined
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') return undefined
  const lifetime = Number(seconds)
  return { ok: true, text, lifetimeMs: Number.isFinite(lifetime) && lifetime > 0 ? lifetime * 1000 : DEFAULT_TOKEN_MS }
}

function bearer(token: string): {
  readonly headers: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
} {
  return { headers: { authorization: `Bearer ${token}` }, secrets: [token] }
}

function basic(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`, 'utf8').toString('base64')
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

function versionOf({ id, authSealed }: Target): string {
  return `${id} ${authSealed?.toString('latin1') ?? ''}`
}
