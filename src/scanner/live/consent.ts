/**
 * Who may be probed: this machine, a host that shows our token, or whatever somebody takes responsibility for.
 *
 * Decided before anything is sent. What a caller must show is the secret half of a token whose digest the host
 * serves, so that reading a host's public half gives nobody the right to probe it. Private ranges are opened by a
 * flag and need the same consent; metadata services are opened by nothing.
 */
import { hash, randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { PosternError } from '../../base/model/errors.ts'
import type { RawDoor, RawPolicy } from '../../resources/outbound/raw-request.ts'
import type { TxtLookup } from '../../resources/outbound/txt-records.ts'

export const WELL_KNOWN_PATH = '/.well-known/postern.txt'
export const TXT_PREFIX = '_postern.'

export interface Claim {
  /** The secret half of a token. */
  readonly token?: string | undefined
  /** "name, reason": written into the report. */
  readonly authorizedBy?: string | undefined
  /** Ranges that are not public and may be reached. */
  readonly allowCidrs: readonly string[]
}

/** How it was allowed; stands in the report. */
export interface Consent {
  readonly by: 'loopback' | 'well-known' | 'dns-txt' | 'authorized'
  readonly detail: string
}

export const LOOPBACK_CIDRS = ['127.0.0.0/8', '::1/128'] as const

export function isLoopback(url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) === 4) return host.startsWith('127.')
  return host === '::1' || host === 'localhost' || host.endsWith('.localhost')
}

/**
 * The guard for one target. Loopback means loopback only: a name such as `localhost` that leads elsewhere is refused.
 */
export function reachOf(url: URL, { allowCidrs }: Claim): Pick<RawPolicy, 'ports' | 'allowHttp' | 'allowCidrs'> {
  if (isLoopback(url)) return { ports: [], allowHttp: false, allowCidrs: LOOPBACK_CIDRS }
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  return { ports: [port], allowHttp: true, allowCidrs }
}

export interface ConsentTools {
  /** Already narrowed to the target by `reachOf`. */
  readonly door: RawDoor
  readonly txt: TxtLookup
}

/** @throws PosternError `CONSENT_REQUIRED` with what to do next; then nothing was sent, or only the question for the token. */
export async function askConsent(url: URL, claim: Claim, { door, txt }: ConsentTools): Promise<Consent> {
  const refusal = door.refusal(url.href)
  if (refusal !== undefined) throw unreachable(url, refusal)
  if (isLoopback(url)) return { by: 'loopback', detail: 'The target is this machine.' }
  if (claim.authorizedBy !== undefined)
    return { by: 'authorized', detail: `Authorized by ${readAuthorization(claim.authorizedBy)}.` }
  if (claim.token === undefined) throw unclaimed(url, makeToken())
  const wanted = publicHalf(claim.token)
  const records = isNamed(url) ? await txt(`${TXT_PREFIX}${url.hostname}`) : []
  if (records.some((record) => record.trim() === wanted))
    return { by: 'dns-txt', detail: `The TXT record of ${TXT_PREFIX}${url.hostname} holds the token.` }
  if (await servesToken(url, wanted, door))
    return { by: 'well-known', detail: `${url.origin}${WELL_KNOWN_PATH} serves the token.` }
  throw new PosternError('CONSENT_REQUIRED', `${url.host} does not show the token. ${instructions(url, wanted)}`)
}

export function makeToken(): string {
  return `postern-scan-${randomBytes(20).toString('hex')}`
}

/** What the host shows. @throws PosternError `VALIDATION_ERROR` when it is no token of ours. */
export function publicHalf(token: string): string {
  if (!/^postern-scan-[0-9a-f]{40}$/.test(token))
    throw new PosternError(
      'VALIDATION_ERROR',
      'The consent token must be one that `postern scan` made: postern-scan-… with 40 hexadecimal digits.',
    )
  return `postern-scan=${hash('sha256', token)}`
}

async function servesToken(url: URL, wanted: string, door: RawDoor): Promise<boolean> {
  const answer = await door.send({
    method: 'GET',
    url: `${url.origin}${WELL_KNOWN_PATH}`,
    headers: [
      ['Host', url.host],
      ['User-Agent', 'postern-scan'],
      ['Connection', 'close'],
    ],
    body: [],
    timeoutMs: 10_000,
    maxResponseBytes: 4_096,
  })
  if (!answer.ok || answer.status !== 200) return false
  return answer.body
    .toString('utf8')
    .split(/\r?\n/)
    .some((line) => line.trim() === wanted)
}

/** A name and a reason, so that a reader of the report knows whom to ask. @throws PosternError `VALIDATION_ERROR` */
function readAuthorization(text: string): string {
  const [name = '', reason = ''] = text.split(/,(.*)/s).map((part) => part.trim())
  if (name.length >= 2 && reason.length >= 3 && text.length <= 300) return `${name}: ${reason}`
  throw new PosternError(
    'VALIDATION_ERROR',
    '--authorized-by must name who allows it and why, such as --authorized-by "Ada Lovelace, quarterly test of our own staging".',
  )
}

function unclaimed(url: URL, token: string): PosternError {
  return new PosternError(
    'CONSENT_REQUIRED',
    `Nobody has said that ${url.host} may be probed, so nothing was sent. ${instructions(url, publicHalf(token))} Then run again with --consent-token ${token} (better: env:NAME or file:PATH). Or take responsibility: --authorized-by "name, reason", which is written into the report.`,
  )
}

function instructions(url: URL, shown: string): string {
  const record = isNamed(url) ? `, or as a TXT record of ${TXT_PREFIX}${url.hostname}` : ''
  return `To show that the host is yours, serve the line\n\n    ${shown}\n\n  at ${url.origin}${WELL_KNOWN_PATH}${record}.`
}

/** An address has no records. */
function isNamed(url: URL): boolean {
  return isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0
}

function unreachable(url: URL, reason: string): PosternError {
  const why =
    reason === 'metadata'
      ? 'it is the metadata service of a cloud, which is never probed'
      : reason === 'plain_http' || reason === 'port'
        ? 'it is not reachable under this address'
        : `its address is ${reason.replaceAll('_', ' ')}; name its range with --allow-cidr to open it`
  return new PosternError('CONSENT_REQUIRED', `${url.host} is not probed: ${why}. Nothing was sent.`)
}
