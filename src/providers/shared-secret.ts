/**
 * Requests that show something or are confirmed by the provider, and cover nothing: token, HTTP Basic, client
 * certificate, fetch-back. Whoever sees one request can make any other; the coverage `none` says so wherever the event
 * is shown.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { compileBodyPath, readBodyPath, readEvery, scalarText } from './body-path.ts'
import { byteString } from './bytes.ts'
import { holds } from './cases.ts'
import { COVERS_NOTHING, type PreparedKey, type SharedVerifier } from './compile.ts'
import { decode } from './decode.ts'
import type { BasicScheme, ConfirmedScheme, Requirement, TokenScheme } from './definition.ts'
import { pending, type Refusal, type Refused, refuse, type Verified } from './outcome.ts'
import type { Reading } from './reading.ts'
import { callNeed } from './remote.ts'
import { queryValues } from './request.ts'
import { parseAnswer } from './resolve-keys.ts'
import { compileSource, readSource } from './source.ts'
import type { VerifyInput } from './verify-input.ts'

/** A token longer than this is none of ours; bounds what is hashed. */
const MAX_TOKEN = 8192

export function verifyShared(verifier: SharedVerifier, input: VerifyInput): Verified | Refused {
  const { scheme, settings } = verifier
  const { reading, keys } = input
  if (scheme.family === 'fetch-back') return verifyConfirmed(verifier, scheme, input)
  const shown =
    scheme.family === 'token'
      ? shownTokens(scheme, reading, settings)
      : scheme.family === 'basic'
        ? shownCredentials(reading)
        : shownCertificate(reading)
  if (typeof shown === 'string') return refuse(shown)
  const require: readonly Requirement[] = scheme.family === 'basic' ? [] : (scheme.require ?? [])
  if (!require.every((each) => holds(each, { reading, settings, pin: undefined }))) return refuse('requirement_failed')
  if (keys.length === 0) return refuse('no_active_key')
  const matched = keys.filter(({ key }) => {
    const wanted = expected(scheme.family === 'basic' ? scheme : undefined, key?.export() ?? NO_BYTES, settings)
    // Every one is compared, so that the time taken does not tell which of them was wrong.
    return shown.map((each) => same(each, wanted)).every(Boolean)
  })
  return verified(scheme.name, matched[0])
}

const NO_BYTES = Buffer.alloc(0)

function verified(scheme: string, key: PreparedKey | undefined): Verified | Refused {
  if (key === undefined) return refuse('signature_mismatch')
  return { ok: true, scheme, keyId: key.id, coverage: 'none', covers: COVERS_NOTHING, content: 'body' }
}

/** Both hashed first, so that unequal lengths take the same path and the same time. */
export function same(a: Buffer, b: Buffer): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())
}

function shownTokens(
  { token }: TokenScheme,
  reading: Reading,
  settings: Readonly<Record<string, string>>,
): readonly Buffer[] | Refusal {
  if (token.in === 'body') {
    const values = readEvery(reading.json, compileBodyPath(token.path))
    if (values === undefined || values.length === 0) return 'signature_missing'
    const texts = values.filter((each) => typeof each === 'string' && each !== '' && each.length <= MAX_TOKEN)
    // `true` and `0` match whatever they are compared with loosely; here only a text is a token.
    return texts.length === values.length
      ? texts.map((each) => Buffer.from(String(each), 'utf8'))
      : 'signature_malformed'
  }
  const name = tokenName(token, settings)
  const values =
    token.in === 'header'
      ? headerTexts(reading, name.toLowerCase())
      : queryValues(reading.request.url, name).map(byteString)
  const [value, ...more] = values
  if (more.length > 0) return 'header_duplicated'
  if (!value) return 'signature_missing'
  const prefix = token.prefix ?? ''
  if (!value.startsWith(prefix) || value.length === prefix.length || value.length > MAX_TOKEN)
    return 'signature_malformed'
  return [Buffer.from(value.slice(prefix.length), 'latin1')]
}

/** The header or parameter that carries the token at this integration. */
export function tokenName(
  token: Exclude<TokenScheme['token'], { in: 'body' }>,
  settings: Readonly<Record<string, string>>,
): string {
  const chosen =
    token.nameSetting !== undefined && Object.hasOwn(settings, token.nameSetting) ? settings[token.nameSetting] : ''
  return chosen || token.name
}

/** RFC 7617: the scheme's name in any case, one space, base64 of `user:password`. */
function shownCredentials(reading: Reading): readonly Buffer[] | Refusal {
  const [value, ...more] = headerTexts(reading, 'authorization')
  if (more.length > 0) return 'header_duplicated'
  if (!value) return 'signature_missing'
  const encoded = /^basic ([^ ]+)$/i.exec(value)?.[1]
  const credentials = encoded === undefined || encoded.length > MAX_TOKEN ? undefined : decode(encoded, 'base64')
  return credentials?.includes(0x3a) ? [credentials] : 'signature_malformed'
}

function shownCertificate({ request }: Reading): readonly Buffer[] | Refusal {
  if (request.clientCertificate === undefined) return 'signature_missing'
  const fingerprint = decode(request.clientCertificate, 'hex')
  return fingerprint?.length === 32 ? [fingerprint] : 'signature_malformed'
}

function headerTexts({ request }: Reading, name: string): readonly string[] {
  return request.headers.flatMap(([each, value]) => (each.toLowerCase() === name ? [value] : []))
}

function expected(basic: BasicScheme | undefined, key: Buffer, settings: Readonly<Record<string, string>>): Buffer {
  if (basic === undefined) return key
  const user = Object.hasOwn(settings, basic.usernameSetting) ? settings[basic.usernameSetting] : undefined
  return user === undefined ? key : Buffer.concat([Buffer.from(`${user}:`, 'utf8'), key])
}

/** Each active key may open another account; one that confirms is enough. */
function verifyConfirmed(
  { settings }: SharedVerifier,
  scheme: ConfirmedScheme,
  { reading, keys, remote }: VerifyInput,
): Verified | Refused {
  const id = readSource(compileSource(scheme.id.source), reading)
  if (id === undefined) return refuse('id_missing')
  if (!new RegExp(`^(?:${scheme.id.pattern})$`).test(id)) return refuse('id_malformed')
  if (keys.length === 0) return refuse('no_active_key')
  const problems = new Set<Refusal>()
  for (const prepared of keys) {
    const credentials = prepared.key?.export().toString('utf8') ?? ''
    const need = callNeed(scheme.call, scheme.authorize, { reading, settings, key: credentials, id })
    // Credentials that cannot be put into the call are no reason to leave the next ones untried.
    if (need === undefined) {
      problems.add('content_incomplete')
      continue
    }
    const answer = remote(need)
    if (answer === undefined) return pending(need)
    if (!answer.ok) {
      problems.add(answer.why === 'failed' ? 'key_unavailable' : 'confirmation_refused')
      continue
    }
    const json = parseAnswer(answer.text)
    const found = scalarText(readBodyPath(json, compileBodyPath(scheme.confirms.path)))
    if (found !== (scheme.confirms.equals === 'id' ? id : scheme.confirms.equals)) {
      problems.add('confirmation_refused')
      continue
    }
    const confirmed = verified(scheme.name, prepared)
    if (!confirmed.ok || scheme.state === undefined) return confirmed
    const state = scalarText(readBodyPath(json, compileBodyPath(scheme.state))) ?? ''
    return { ...confirmed, content: createHash('sha256').update(`${id}\n${state}`).digest() }
  }
  return refuse(WORST_FIRST.find((each) => problems.has(each)) ?? 'confirmation_refused')
}

/** What the provider could not be asked may still be true; everything else is decided. */
const WORST_FIRST = ['key_unavailable', 'confirmation_refused', 'content_incomplete'] as const
