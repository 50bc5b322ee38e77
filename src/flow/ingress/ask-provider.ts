/**
 * Asks providers for what verification needs of them: certificates, key sets, keys by id, confirmations.
 *
 * The engine names only addresses that a definition or the operator allows; each goes through the outbound guard, with
 * a time and a size limit and without redirects. Answers are kept as long as the need allows, refusals and failures
 * briefly, so that a request with an invented key id cannot make the gateway hammer its provider. Two requests that
 * need the same thing ask once. While a provider cannot be reached, the last good answer serves for a day.
 *
 * Boundary: knows no scheme; what an answer proves is the engine's to say.
 */
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Logger } from '../../observability/log.ts'
import type { Verifier } from '../../providers/compile.ts'
import type { Refused, Verified } from '../../providers/outcome.ts'
import { type RemoteAnswer, type RemoteNeed, TOKEN } from '../../providers/remote.ts'
import type { InboundRequest } from '../../providers/request.ts'
import { verifyRequest } from '../../providers/verify.ts'
import type { Outbound } from '../../resources/outbound/request.ts'

export interface AskProvider {
  /**
   * Verifies, asking for what is missing. Without a need it answers at once and not as a promise: the hot path waits
   * for nothing.
   *
   * @param now Milliseconds since the epoch.
   */
  verify(verifier: Verifier, request: InboundRequest, now: number): Verified | Refused | Promise<Verified | Refused>
  /** Asks a verified sender's own address, as some set-up exchanges want. @returns Whether it answered 2xx. */
  visit(url: string): Promise<boolean>
}

export interface AskProviderOptions {
  readonly outbound: Outbound
  readonly log: Logger
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** Providers wait 3 to 10 seconds for their answer, of which ours needs a part. */
const TIMEOUT_MS = 2_500
/** The largest key set known here has 20 KiB. */
const MAX_ANSWER_BYTES = 256 * 1024
const MAX_ANSWERS = 1_000
/** One certificate or key set, then the set once more, then a key by id: no scheme needs a fourth. */
const MAX_QUESTIONS = 4
const MAX_UNDER_WAY = 32
const REFUSED_SECONDS = 60
const FAILED_SECONDS = 5
const STALE_SECONDS = 24 * 3600
/** A token is dropped a little before it ends. */
const TOKEN_MARGIN_SECONDS = 60

interface Kept {
  readonly answer: RemoteAnswer
  readonly at: number
}

const FAILED: RemoteAnswer = { ok: false, why: 'failed' }

export function createAskProvider({ outbound, log, now }: AskProviderOptions): AskProvider {
  const kept = new LRUCache<string, Kept>({ max: MAX_ANSWERS })
  const lastGood = new LRUCache<string, Kept>({ max: MAX_ANSWERS })
  const tokens = new LRUCache<string, { readonly token: string; readonly until: number }>({ max: MAX_ANSWERS })
  const underWay = new Map<string, Promise<RemoteAnswer>>()

  function known(need: RemoteNeed): RemoteAnswer | undefined {
    const found = kept.get(keyOf(need))
    if (found === undefined) return undefined
    const { answer } = found
    const seconds = answer.ok ? need.cacheSeconds : answer.why === 'refused' ? REFUSED_SECONDS : FAILED_SECONDS
    return now() - found.at < seconds * 1000 ? answer : undefined
  }

  function ask(need: RemoteNeed): Promise<RemoteAnswer> {
    const key = keyOf(need)
    const running = underWay.get(key)
    if (running !== undefined) return running
    if (underWay.size >= MAX_UNDER_WAY) return Promise.resolve(FAILED)
    const asking = answerTo(need, key).finally(() => underWay.delete(key))
    underWay.set(key, asking)
    return asking
  }

  async function answerTo(need: RemoteNeed, key: string): Promise<RemoteAnswer> {
    const answer = await exchange(need)
    if (answer.ok || need.cacheSeconds > 0) kept.set(key, { answer, at: now() })
    if (answer.ok && need.cacheSeconds > 0) lastGood.set(key, { answer, at: now() })
    if (answer.ok || answer.why === 'refused') return answer
    const last = lastGood.get(key)
    if (last === undefined || now() - last.at > STALE_SECONDS * 1000) return answer
    log.warn({ origin: new URL(need.url).origin }, 'a provider cannot be asked; its last answer serves')
    return last.answer
  }

  async function exchange(need: RemoteNeed): Promise<RemoteAnswer> {
    const token = need.authorize === undefined ? '' : await tokenFor(need.authorize)
    if (token === undefined) return FAILED
    const put = (text: string) => text.replaceAll(TOKEN, token)
    const result = await outbound.send({
      method: need.method,
      url: need.url,
      headers: Object.fromEntries(Object.entries(need.headers).map(([name, value]) => [name, put(value)])),
      body: Buffer.from(put(need.body ?? ''), 'utf8'),
      timeoutMs: TIMEOUT_MS,
      allowCidrs: [],
      maxResponseBytes: MAX_ANSWER_BYTES,
    })
    const origin = new URL(need.url).origin
    if (!result.ok || result.truncated) {
      log.warn({ origin, outcome: result.ok ? 'too_large' : result.outcome }, 'a provider could not be asked')
      return FAILED
    }
    if (result.status === 200) return { ok: true, text: result.body.toString('utf8') }
    // 401 and 403 are about our credentials, not about what was asked for.
    const isNo = result.status >= 400 && result.status < 500 && ![401, 403, 408, 429].includes(result.status)
    log.warn({ origin, status: result.status }, 'a provider did not give what was asked for')
    return isNo ? { ok: false, why: 'refused' } : FAILED
  }

  async function tokenFor(need: RemoteNeed): Promise<string | undefined> {
    const key = keyOf(need)
    const held = tokens.get(key)
    if (held !== undefined && now() < held.until) return held.token
    const answer = await ask(need)
    const found = answer.ok ? readToken(answer.text) : undefined
    if (found === undefined) return undefined
    tokens.set(key, { token: found.token, until: now() + (found.seconds - TOKEN_MARGIN_SECONDS) * 1000 })
    return found.token
  }

  async function verifyAsking(
    verifier: Verifier,
    request: InboundRequest,
    at: number,
    first: RemoteNeed,
  ): Promise<Verified | Refused> {
    const asked = new Map<string, RemoteAnswer>()
    let need: RemoteNeed | undefined = first
    let result: Verified | Refused = { ok: false, reason: 'key_unavailable' }
    for (let questions = 0; need !== undefined && questions < MAX_QUESTIONS; questions++) {
      asked.set(keyOf(need), await ask(need))
      result = verifyRequest(verifier, request, at, (each) => asked.get(keyOf(each)) ?? known(each))
      need = result.ok ? undefined : result.need
    }
    return need === undefined ? result : { ok: false, reason: 'key_unavailable' }
  }

  return {
    verify(verifier, request, at) {
      const result = verifyRequest(verifier, request, at, known)
      return result.ok || result.need === undefined ? result : verifyAsking(verifier, request, at, result.need)
    },
    async visit(url) {
      const result = await outbound.send({
        method: 'GET',
        url,
        headers: {},
        body: Buffer.alloc(0),
        timeoutMs: TIMEOUT_MS,
        allowCidrs: [],
      })
      if (result.ok && result.status >= 200 && result.status < 300) return true
      log.warn(
        { origin: new URL(url).origin, ...(result.ok ? { status: result.status } : { outcome: result.outcome }) },
        'a set-up exchange could not be completed',
      )
      return false
    },
  }
}

/** Without how old an answer may be: needs that differ only there have one answer. */
function keyOf({ method, url, headers, body, authorize }: RemoteNeed): string {
  const parts = [method, url, headers, body, authorize === undefined ? null : keyOf(authorize)]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64')
}

/** RFC 6749 section 5.1. */
function readToken(text: string): { readonly token: string; readonly seconds: number } | undefined {
  try {
    const { access_token: token, expires_in: seconds } = Object(JSON.parse(text))
    if (typeof token !== 'string' || !/^[\x21-\x7e]{1,8192}$/.test(token)) return undefined
    return { token, seconds: typeof seconds === 'number' && seconds > 0 ? Math.min(seconds, 3600) : 300 }
  } catch {
    return undefined
  }
}
