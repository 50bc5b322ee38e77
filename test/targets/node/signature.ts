/** Stripe's scheme: `Stripe-Signature: t=<seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`, a window of 300 s both ways. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { type Call, fault, isRecord, Refused, SECRET } from './twin.ts'

const TOLERANCE_SECONDS = 300
const GRAMMAR = /^t=([0-9]{1,12})((?:,v[0-9]+=[0-9a-f]{2,128}){1,8})$/
const LAX = /^t=([0-9]{1,12})((?:,\s*v[0-9]+=[^,]*)*)$/

/** @throws Refused unless exactly one header holds a fresh signature over these very bytes. */
export function verify({ method, path, body }: Call, values: readonly string[]): void {
  if (fault('no-signature') || (fault('any-method') && method !== 'POST')) return
  if (fault('raw-path-guard') && path !== '/webhooks/stripe') return
  if (fault('signature-optional') && values.length === 0) return
  if (fault('crash-on-missing-signature') && values.length === 0) {
    timingSafeEqual(Buffer.alloc(0), Buffer.from(digest('0', body)))
  }
  const candidates = fault('duplicate-headers') ? values.flatMap((value) => value.split(/,\s*(?=t=)/)) : values
  if (values.length !== 1 && !fault('duplicate-headers')) throw new Refused(401, 'signature required')
  if (!candidates.some((value) => isValid(value, body))) throw new Refused(401, 'signature refused')
}

function isValid(value: string, body: Buffer): boolean {
  const match = (fault('prefix-compare') || fault('overlong-compare') ? LAX : GRAMMAR).exec(value)
  if (match === null) return false
  const [, stamp = '', rest = ''] = match
  const given = rest
    .split(',')
    .map((item) => item.trim().split('='))
    .filter(([version]) => version === 'v1' || (version !== '' && fault('version-downgrade')))
    .map(([, text = '']) => text)
  return given.some((text) => matches(text, stamp, body)) && isFresh(Number(stamp))
}

function matches(given: string, stamp: string, body: Buffer): boolean {
  const expected = digest(stamp, body)
  if (fault('presence-only') && given.length === expected.length) return true
  if (fault('prefix-compare') && expected.startsWith(given)) return true
  if (fault('overlong-compare') && given.startsWith(expected)) return true
  if (fault('parsed-body') && given === digest(stamp, canonical(body))) return true
  if (fault('lossy-utf8') && given === digest(stamp, Buffer.from(body.toString()))) return true
  if (fault('weak-algorithm') && WEAK.some((algorithm) => given === digest(stamp, body, SECRET, algorithm))) return true
  if (fault('empty-key') && given === digest(stamp, body, '')) return true
  return activeKeys().some((key) => isSame(given, digest(stamp, body, key)))
}

/** Two at a time, so that one can be replaced without losing an event. */
function activeKeys(): readonly string[] {
  return [
    SECRET,
    ...(fault('one-key') ? [] : [`${SECRET}_next`]),
    ...(fault('retired-key') ? [`${SECRET}_retired`] : []),
    ...(fault('other-key') ? [`${SECRET}_of_acct_b`] : []),
  ]
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

const WEAK = ['sha1', 'md5', 'sha512']

function digest(stamp: string, body: Buffer, key = SECRET, algorithm = 'sha256'): string {
  return createHmac(algorithm, key).update(`${stamp}.`).update(body).digest('hex')
}

function canonical(body: Buffer): Buffer {
  try {
    return Buffer.from(JSON.stringify(sorted(JSON.parse(body.toString()))))
  } catch {
    return body
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

function isFresh(stamp: number): boolean {
  if (fault('no-freshness')) return true
  const age = Date.now() / 1000 - stamp
  const isTooOld = age > TOLERANCE_SECONDS && !fault('stale-accepted')
  const isTooNew = age < -TOLERANCE_SECONDS && !fault('future-accepted')
  return !isTooOld && !isTooNew
}

export function bodyDigest(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex')
}
