/**
 * Validly signed Stripe events as ready HTTP requests, made before any clock starts.
 *
 * All requests of a batch have the same length and lie one after another in one buffer, so that sending one is a
 * slice and nothing else. Only the event's id, the charge's id and the signature differ between them.
 *
 * @see docs.stripe.com/webhooks/signature: `v1` is hex HMAC-SHA256 over `<t>.<body>`, the secret used as text.
 */
import { createHmac, randomBytes } from 'node:crypto'

export interface EventBatch {
  readonly count: number
  /** One whole request: request line, headers and body. */
  request(index: number): Buffer
  externalId(index: number): string
  /** Which event of the batch a body is, or holds; `undefined` when it is none of them. */
  indexIn(body: Buffer): number | undefined
}

export interface EventBatchOptions {
  readonly count: number
  readonly port: number
  readonly path: string
  readonly secret: string
  readonly signatureHeader: string
  /** Bytes of the JSON body. */
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

const INDEX_DIGITS = 9
const INDEX_HOLE = '#'.repeat(INDEX_DIGITS)
const SIGNATURE_HOLE = '-'.repeat(64)

export function signEvents({ count, port, path, secret, signatureHeader, size, now }: EventBatchOptions): EventBatch {
  const seconds = Math.floor(now / 1000)
  const prefix = `evt_${randomBytes(6).toString('hex')}`
  const body = stripeBody(`${prefix}${INDEX_HOLE}`, seconds, size)
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    'Accept: */*; q=0.5, application/xml',
    'Cache-Control: no-cache',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `${signatureHeader}: t=${seconds},v1=${SIGNATURE_HOLE}`,
    '',
    '',
  ].join('\r\n')

  const template = Buffer.from(head + body)
  const bodyAt = Buffer.byteLength(head)
  const signatureAt = template.indexOf(SIGNATURE_HOLE)
  const holes = holesOf(template, INDEX_HOLE)
  const slab = Buffer.allocUnsafe(count * template.length)
  const request = (index: number) => slab.subarray(index * template.length, (index + 1) * template.length)

  for (let index = 0; index < count; index++) {
    const bytes = request(index)
    template.copy(bytes)
    const digits = String(index).padStart(INDEX_DIGITS, '0')
    for (const hole of holes) bytes.write(digits, hole, 'latin1')
    const signature = createHmac('sha256', secret).update(`${seconds}.`).update(bytes.subarray(bodyAt)).digest('hex')
    bytes.write(signature, signatureAt, 'latin1')
  }
  return {
    count,
    request,
    externalId: (index) => `${prefix}${String(index).padStart(INDEX_DIGITS, '0')}`,
    indexIn(body) {
      const at = body.indexOf(prefix, 0, 'latin1')
      if (at === -1) return undefined
      const digits = body.toString('latin1', at + prefix.length, at + prefix.length + INDEX_DIGITS)
      return /^\d{9}$/.test(digits) && Number(digits) < count ? Number(digits) : undefined
    },
  }
}

function holesOf(template: Buffer, hole: string): readonly number[] {
  const found: number[] = []
  for (let at = template.indexOf(hole); at !== -1; at = template.indexOf(hole, at + hole.length)) found.push(at)
  return found
}

/** A `charge.succeeded` with the fields Stripe sends, its description filled up to `size` bytes. */
function stripeBody(id: string, seconds: number, size: number): string {
  const event = (description: string) =>
    JSON.stringify({
      id,
      object: 'event',
      api_version: '2025-06-30.basil',
      created: seconds,
      data: {
        object: {
          id: id.replace('evt_', 'ch_'),
          object: 'charge',
          amount: 4900,
          amount_captured: 4900,
          amount_refunded: 0,
          balance_transaction: 'txn_3RfK2eLkdIwHu7ix0Yb1Zq4t',
          billing_details: {
            address: {
              city: 'Gent',
              country: 'BE',
              line1: 'Korenlei 12',
              line2: null,
              postal_code: '9000',
              state: null,
            },
            email: 'jo@example.com',
            name: 'Jo Peeters',
            phone: null,
          },
          captured: true,
          created: seconds,
          currency: 'eur',
          customer: 'cus_SaX1mQk2vB7nTd',
          description,
          disputed: false,
          livemode: false,
          metadata: { order: '6735', cart: 'b-20117' },
          outcome: { network_status: 'approved_by_network', risk_level: 'normal', risk_score: 12, type: 'authorized' },
          paid: true,
          payment_intent: 'pi_3RfK2eLkdIwHu7ix0q7Zc9Wn',
          payment_method_details: {
            card: { brand: 'visa', country: 'BE', exp_month: 8, exp_year: 2031, last4: '4242' },
            type: 'card',
          },
          refunded: false,
          status: 'succeeded',
        },
      },
      livemode: false,
      pending_webhooks: 1,
      request: { id: 'req_8sW1bXo2kP0aQz', idempotency_key: '2f0c1a52-7f0e-4d0b-9c52-54d1f1a0c7aa' },
      type: 'charge.succeeded',
    })
  const missing = size - Buffer.byteLength(event(''))
  if (missing < 0)
    throw new Error(`--size must be at least ${size - missing}: a Stripe charge event has that many bytes`)
  const words = 'Subscription to the standard plan, monthly, invoiced in advance; '
  return event(words.repeat(Math.ceil(missing / words.length)).slice(0, missing))
}
