/**
 * The part of a probe plan that is about sockets and streams: who may connect and how, and a script of messages.
 *
 * The scanner cannot guess a protocol's messages, and need not know it whole: one question that shows an object of
 * whoever asks, and, where there are such, one change, one join and one post.
 */
import { z } from 'zod'

const secret = z.string().min(1).describe('`env:NAME` or `file:PATH`; text in clear works and is warned about')
const header = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be the name of a header')
const headers = z.record(header, secret)

/** Kept with the scheme http or https, which is how the guard judges every address. */
const channelUrl = z.url({ protocol: /^(?:wss?|https?)$/ }).transform((url) => url.replace(/^ws/i, 'http'))

const credential = {
  headers: headers.optional().describe('such as Authorization'),
  query: z.record(z.string(), secret).optional().describe('parameters of the address, such as a single-use ticket'),
  init: z
    .record(z.string(), secret)
    .optional()
    .describe('what the first message carries: connection_init of GraphQL, auth of socket.io'),
}

const identity = z.strictObject({
  ...credential,
  tenant: z.string().optional().describe('identities of one tenant have the same name here'),
  values: z
    .record(z.string(), z.string())
    .default({})
    .describe('what is this identity’s own: fills {{name}} in messages, such as {{object}} and {{room}}'),
})

const page = z
  .strictObject({
    origin: z.string().describe('a page that may connect, such as https://app.example.com'),
    headers: headers.describe('the session cookie, which the browser adds by itself'),
    query: z.record(z.string(), secret).optional().describe('the cross-site token that the page adds'),
  })
  .describe('how a browser connects, where one does')

const credentialOnly = z.strictObject(credential)

const ending = z
  .strictObject({
    identity: z.string().describe('whose session is ended; nobody else’s probes may need it'),
    method: z.enum(['POST', 'DELETE', 'GET', 'PUT']).default('POST'),
    url: z.url({ protocol: /^https?$/ }),
    headers: headers.optional().describe('those of the identity when left out'),
    body: z.string().optional(),
    within_seconds: z.number().min(0.1).max(60).default(5).describe('how soon the channel must have closed'),
  })
  .describe('a log-out or revocation, tried last')

const expiring = z
  .strictObject({ identity: z.string(), seconds: z.number().min(0.1).max(120).describe('until its session has ended') })
  .describe('an identity whose session ends by itself during the run')

/** A JSON value in which every text may hold {{names}}. */
const template = z.json()

const message = z.strictObject({
  send: template.describe('what is sent; socket.io: {event, data}, GraphQL: {query, variables}'),
  expect: template.optional().describe('part of the answer when it is granted; what is left out may be anything'),
})

const messages = z.strictObject({
  ask: message.required().describe('a question about an object of whoever asks: {{object}}'),
  change: message.required().optional().describe('changes an object: {{object}} and a {{nonce}} if it has one'),
  join: message.optional().describe('enters a room: {{room}}'),
  post: message.optional().describe('says {{text}} in a room: {{room}}'),
})

export const socketTargetSchema = z.strictObject({
  kind: z.literal('socket'),
  url: channelUrl,
  protocol: z.enum(['json', 'text', 'socket.io', 'graphql-transport-ws', 'graphql-ws']).default('json'),
  identities: z.record(z.string(), identity).describe('the owner first, then others, best of another tenant'),
  page: page.optional(),
  expired: credentialOnly.optional().describe('a credential whose session has ended'),
  asyncapi: z.string().optional().describe('a document whose examples are the messages, instead of `messages`'),
  messages: messages.optional(),
  refusal: template.optional().describe('part of every answer that refuses something, such as {type: error}'),
  max_message_bytes: z.int().min(1_024).max(16_000_000).default(1_048_576).describe('what is certainly too large'),
  flood: z.int().min(20).max(5_000).default(200).describe('messages at once that are certainly too many'),
  logout: ending.optional(),
  expiring: expiring.optional(),
})

export const streamTargetSchema = z.strictObject({
  kind: z.literal('stream'),
  url: channelUrl.describe('of server-sent events; may hold {{names}}'),
  identities: z.record(z.string(), identity).describe('the owner first, then others, best of another tenant'),
  page: page.optional(),
  expired: credentialOnly.optional(),
  shows: z
    .string()
    .min(1)
    .optional()
    .describe('text that stands in the stream of an identity and nobody else’s: {{names}} of the identity'),
  filter: z
    .record(z.string(), z.string())
    .optional()
    .describe('parameters that choose whose events arrive: {account: "{{account}}"}'),
  logout: ending.optional(),
  expiring: expiring.optional(),
})

export type SocketTarget = z.output<typeof socketTargetSchema>
export type Script = z.output<typeof messages>
export type StreamTarget = z.output<typeof streamTargetSchema>
export type SocketProtocol = SocketTarget['protocol']
export type Json = z.output<typeof template>
