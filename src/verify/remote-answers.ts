/**
 * Asks the provider for what some schemes need (a certificate, a key set, a confirmation) and keeps the answers.
 *
 * The engine names what to ask, and names no host but those of the definition. This file asks each thing once at a time,
 * keeps answers as long as they may be kept, and remembers failures for a while, so that a flood of forged requests is
 * not a flood of questions.
 */
import { type Remote, type RemoteAnswer, type RemoteNeed, TOKEN } from '../providers/remote.ts'
import { parseAnswer } from '../providers/resolve-keys.ts'

export interface RemoteRequest {
  readonly method: 'GET' | 'POST'
  /** https, its default port, a host of the provider. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface RemoteResponse {
  readonly status: number
  readonly text: string
}

/** Must not follow redirects, must cap time and size, must verify TLS. Rejects when there is no answer. */
export type FetchRemote = (request: RemoteRequest) => Promise<RemoteResponse>

interface Kept {
  readonly answer: RemoteAnswer
  readonly at: number
}

/** Far more than one provider has keys; bounds what a sender who varies the address can make us keep. */
const MAX_KEPT = 256
const MAX_CONCURRENT = 16
/** How long a failure is not tried again. */
const FAILED_SECONDS = 10
/** A key set and then the same set again, a token first: no scheme needs more. */
const MAX_ROUNDS = 4

export interface RemoteAnswers {
  /** What is known now, and what the questions of this one request brought. */
  answersOf(fresh: ReadonlyMap<string, RemoteAnswer>): Remote
  ask(need: RemoteNeed): Promise<RemoteAnswer>
  readonly maxRounds: number
}

export function createRemoteAnswers(fetchRemote: FetchRemote, now: () => number): RemoteAnswers {
  const kept = new Map<string, Kept>()
  const running = new Map<string, Promise<RemoteAnswer>>()

  function known(need: RemoteNeed): RemoteAnswer | undefined {
    const found = kept.get(nameOf(need))
    if (found === undefined) return undefined
    const seconds = found.answer.ok ? need.cacheSeconds : Math.max(FAILED_SECONDS, Math.min(need.cacheSeconds, 60))
    return now() - found.at < seconds * 1000 ? found.answer : undefined
  }

  function ask(need: RemoteNeed): Promise<RemoteAnswer> {
    const name = nameOf(need)
    const asked = running.get(name)
    if (asked !== undefined) return asked
    if (running.size >= MAX_CONCURRENT) return Promise.resolve(FAILED)
    const asking = askRemote(fetchRemote, need)
      .then((answer) => {
        if (need.cacheSeconds > 0 || !answer.ok) keep(name, { answer, at: now() })
        return answer
      })
      .finally(() => running.delete(name))
    running.set(name, asking)
    return asking
  }

  function keep(name: string, entry: Kept): void {
    kept.delete(name)
    kept.set(name, entry)
    for (const [oldest] of kept) {
      if (kept.size <= MAX_KEPT) break
      kept.delete(oldest)
    }
  }

  return { answersOf: (fresh) => (need) => fresh.get(questionOf(need)) ?? known(need), ask, maxRounds: MAX_ROUNDS }
}

/** A need as asked: the same thing wanted fresher is another question. */
export function questionOf(need: RemoteNeed): string {
  return `${need.cacheSeconds} ${nameOf(need)}`
}

function nameOf({ method, url, headers, body, authorize }: RemoteNeed): string {
  return JSON.stringify([method, url, headers, body, authorize === undefined ? null : nameOf(authorize)])
}

const FAILED: RemoteAnswer = { ok: false, why: 'failed' }

async function askRemote(fetchRemote: FetchRemote, need: RemoteNeed): Promise<RemoteAnswer> {
  try {
    let request: RemoteRequest = requestOf(need)
    if (need.authorize !== undefined) {
      const { status, text } = await fetchRemote(requestOf(need.authorize))
      const token = status === 200 ? accessToken(text) : undefined
      if (token === undefined) return FAILED
      request = withToken(request, token)
    }
    const { status, text } = await fetchRemote(request)
    if (status === 200) return { ok: true, text }
    // What the provider does not know it refuses; anything else says nothing about the webhook.
    return status === 404 || status === 400 || status === 422 ? { ok: false, why: 'refused' } : FAILED
  } catch {
    return FAILED
  }
}

function requestOf({ method, url, headers, body }: RemoteNeed): RemoteRequest {
  return { method, url, headers, ...(body === undefined ? {} : { body }) }
}

/** RFC 6750: what a bearer token is made of. Nothing else goes into a header. */
function accessToken(text: string): string | undefined {
  const json = parseAnswer(text)
  const token = typeof json === 'object' && json !== null && 'access_token' in json ? json.access_token : undefined
  return typeof token === 'string' && /^[A-Za-z0-9._~+/=-]{1,8192}$/.test(token) ? token : undefined
}

function withToken(request: RemoteRequest, token: string): RemoteRequest {
  const headers = Object.entries(request.headers).map(
    ([name, value]) => [name, value.replaceAll(TOKEN, token)] as const,
  )
  return {
    ...request,
    headers: Object.fromEntries(headers),
    ...(request.body === undefined ? {} : { body: request.body.replaceAll(TOKEN, token) }),
  }
}
