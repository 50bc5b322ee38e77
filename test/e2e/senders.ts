/** Requests as the vendors' own libraries sign them. */
import { createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto'
import { sign as signGithub } from '@octokit/webhooks-methods'
import Stripe from 'stripe'
import twilio from 'twilio'

export interface Signed {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

const JSON_TYPE = { 'content-type': 'application/json' }

/** By the SDK of Stripe. */
export function fromStripe(secret: string, event: object): Signed {
  // As Stripe sends it: indented, so that nothing which is parsed and written again has the same bytes.
  const payload = JSON.stringify(event, null, 2)
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret })
  return { body: Buffer.from(payload), headers: { ...JSON_TYPE, 'stripe-signature': signature } }
}

/** By the library of GitHub. */
export async function fromGithub(secret: string, event: string, payload: object, delivery: string): Promise<Signed> {
  const body = JSON.stringify(payload)
  return {
    body: Buffer.from(body),
    headers: {
      ...JSON_TYPE,
      'x-github-event': event,
      'x-github-delivery': delivery,
      'x-hub-signature-256': await signGithub(secret, body),
    },
  }
}

/** By the SDK of Twilio; `url` is the address Twilio was given. */
export function fromTwilio(token: string, url: string, fields: Readonly<Record<string, string>>): Signed {
  return {
    body: Buffer.from(new URLSearchParams(fields).toString()),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': twilio.getExpectedTwilioSignature(token, url, { ...fields }),
    },
  }
}

/** Hex HMAC-SHA256 of the bytes, as the seed describes acme. */
export function fromAcme(secret: string, body: string | Buffer): Signed {
  const bytes = Buffer.from(body)
  return {
    body: bytes,
    headers: { ...JSON_TYPE, 'x-acme-signature': createHmac('sha256', secret).update(bytes).digest('hex') },
  }
}

/** As Slack's documentation describes it. */
export function fromSlack(secret: string, payload: object, seconds = Math.floor(Date.now() / 1000)): Signed {
  const body = JSON.stringify(payload)
  const mac = createHmac('sha256', secret).update(`v0:${seconds}:${body}`).digest('hex')
  return {
    body: Buffer.from(body),
    headers: { ...JSON_TYPE, 'x-slack-request-timestamp': String(seconds), 'x-slack-signature': `v0=${mac}` },
  }
}

export interface DiscordApp {
  /** What the developer portal shows. */
  readonly publicKey: string
  sign(payload: object): Signed
}

/** As Discord's documentation describes it. */
export function aDiscordApp(): DiscordApp {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex'),
    sign: (payload) => signAsDiscord(privateKey, payload),
  }
}

function signAsDiscord(key: KeyObject, payload: object): Signed {
  const body = JSON.stringify(payload)
  const timestamp = String(Math.floor(Date.now() / 1000))
  return {
    body: Buffer.from(body),
    headers: {
      ...JSON_TYPE,
      'x-signature-timestamp': timestamp,
      'x-signature-ed25519': signBytes(null, Buffer.from(timestamp + body), key).toString('hex'),
    },
  }
}

/** The same request with one letter or digit of its body another. */
export function oneByteChanged({ body, headers }: Signed): Signed {
  const copy = Buffer.from(body)
  const at = copy.findLastIndex((byte) => /[A-Za-z0-9]/.test(String.fromCharCode(byte)))
  copy[at] = copy[at] === 0x31 ? 0x32 : 0x31
  return { body: copy, headers }
}
