/** Probe plans for the targets, as a user would write them; secrets stand in them in clear, as they last for a test. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { type LivePlanInput, makePlan } from '../../src/scanner/live/plan.ts'
import { type LiveScan, scanLive } from '../../src/scanner/live/scan-live.ts'
import { type Identity, login, otherKeys, WEBHOOK_PATH } from './plain-requests.ts'
import { OWN_ORIGIN } from './socket-attacks.ts'
import type { Target } from './start-target.ts'
import type { Protocol } from './talk.ts'

type PlanTargetInput = NonNullable<LivePlanInput['targets']>[number]

type Chosen = Pick<LivePlanInput, 'limits'> & NonNullable<LivePlanInput['probes']>

export function probe(target: PlanTargetInput, { limits, ...probes }: Chosen = {}): Promise<LiveScan> {
  const plan = makePlan({
    targets: [target],
    destructive: true,
    probes,
    limits: { requests: 5_000, per_second: 2_000, ...limits },
  })
  return scanLive(plan, {
    now: Date.now,
    clock: () => performance.now(),
    env: {},
    secretOf: async (text) => text,
    readText: (file) => readFile(file, 'utf8'),
  })
}

/** The receiver is acct_a's, whose customers are cus_1 and cus_3; effects are counted by its own address. */
export function webhookPlan(target: Target): PlanTargetInput {
  return {
    kind: 'webhook',
    url: `${target.url}${WEBHOOK_PATH}`,
    provider: 'stripe',
    secret: target.secret,
    event: { type: 'invoice.paid', body: EVENT_BODY },
    url_fields: ['$.data.object.callback_url', '$.data.object.redirect_url'],
    object_ids: ['$.data.object.customer'],
    rotation: { also: otherKeys(target).next, retired: otherKeys(target).retired },
    other_tenant: {
      secret: otherKeys(target).tenant,
      fields: { '$.account': 'acct_b', '$.data.object.customer': 'cus_2' },
    },
    oracle: { status: { url: `${target.url}/_effects?id={id}`, path: '$.count' } },
  }
}

/** Keys in the order of the alphabet and no blanks, as re-serialising would write it. */
const EVENT_BODY = `{"account":"acct_a","data":{"object":{"amount":1200,"callback_url":"https://hooks.example.com/done","customer":"cus_1"}},"id":"{{id}}","type":"{{type}}"}`

/** How long the session that ends by itself lasts. */
const EXPIRING_SECONDS = 3

/** Alice owns order 1 and room acct_a, bob order 2 and room acct_b. */
export async function socketPlan(target: Target, protocol: Protocol): Promise<PlanTargetInput> {
  const { alice, bob, leaving, expired } = await sessions(target)
  const expiring = await login(target, 'alice', { seconds: EXPIRING_SECONDS })
  const carried = (identity: Identity) =>
    protocol === 'json' ? { headers: identity.headers } : { init: { token: identity.token } }
  const own = { object: '1', room: 'acct_a', account: 'acct_a' }
  return {
    kind: 'socket',
    url: target.url.replace('http', 'ws') + PATHS[protocol],
    protocol,
    identities: {
      alice: { ...carried(alice), tenant: 'acct_a', values: own },
      bob: { ...carried(bob), tenant: 'acct_b', values: { object: '2', room: 'acct_b', account: 'acct_b' } },
      leaving: { ...carried(leaving), tenant: 'acct_a', values: own },
      expiring: { ...carried(expiring), tenant: 'acct_a', values: own },
    },
    expired: carried(expired),
    page: { origin: OWN_ORIGIN, headers: { Cookie: cookieOf(alice) }, query: { csrf: alice.csrf } },
    messages: protocol === 'json' ? JSON_MESSAGES : protocol === 'socket.io' ? EVENT_MESSAGES : GRAPHQL_MESSAGES,
    logout: { identity: 'leaving', url: `${target.url}/logout`, headers: { ...leaving.headers }, within_seconds: 2 },
    expiring: { identity: 'expiring', seconds: EXPIRING_SECONDS },
  }
}

const PATHS: Readonly<Record<Protocol, string>> = {
  json: '/ws',
  'socket.io': '/socket.io/',
  'graphql-transport-ws': '/graphql',
  'graphql-ws': '/graphql',
}

const JSON_MESSAGES = {
  ask: { send: { type: 'read', order: '{{object}}' }, expect: { type: 'order', id: '{{object}}' } },
  change: {
    send: { type: 'pay', order: '{{object}}', nonce: '{{nonce}}' },
    expect: { type: 'paid', order: '{{object}}' },
  },
  join: { send: { type: 'join', room: '{{room}}' } },
  post: { send: { type: 'post', room: '{{room}}', text: '{{text}}' } },
}

const EVENT_MESSAGES = {
  ask: {
    send: { event: 'read', data: { order: '{{object}}' } },
    expect: { event: 'reply', data: { type: 'order', id: '{{object}}' } },
  },
  change: {
    send: { event: 'pay', data: { order: '{{object}}', nonce: '{{nonce}}' } },
    expect: { event: 'reply', data: { type: 'paid', order: '{{object}}' } },
  },
  join: { send: { event: 'join', data: { room: '{{room}}' } } },
  post: { send: { event: 'post', data: { room: '{{room}}', text: '{{text}}' } } },
}

const GRAPHQL_MESSAGES = {
  ask: {
    send: { query: 'query ($id: ID!) { order(id: $id) { id account } }', variables: { id: '{{object}}' } },
    expect: { data: { order: { id: '{{object}}' } } },
  },
  change: {
    send: {
      query: 'mutation ($order: ID!, $nonce: String!) { pay(order: $order, nonce: $nonce) }',
      variables: { order: '{{object}}', nonce: '{{nonce}}' },
    },
    expect: { data: {} },
  },
  join: {
    send: {
      query: 'subscription ($room: String!) { messages(room: $room) { text } }',
      variables: { room: '{{room}}' },
    },
  },
  post: {
    send: {
      query: 'mutation ($room: String!, $text: String!) { post(room: $room, text: $text) }',
      variables: { room: '{{room}}', text: '{{text}}' },
    },
  },
}

/** The same, with the examples of its AsyncAPI document for messages. */
export async function describedSocketPlan(target: Target): Promise<PlanTargetInput> {
  const plan = Object(await socketPlan(target, 'json'))
  const asyncapi = join(import.meta.dirname, '../fixtures/orders-socket.asyncapi.yaml')
  return { ...plan, messages: undefined, asyncapi }
}

export async function streamPlan(target: Target): Promise<PlanTargetInput> {
  const { alice, bob, leaving, expired } = await sessions(target)
  const expiring = await login(target, 'alice', { seconds: EXPIRING_SECONDS })
  const own = { account: 'acct_a' }
  return {
    kind: 'stream',
    url: `${target.url}/stream`,
    identities: {
      alice: { headers: { ...alice.headers }, tenant: 'acct_a', values: own },
      bob: { headers: { ...bob.headers }, tenant: 'acct_b', values: { account: 'acct_b' } },
      leaving: { headers: { ...leaving.headers }, tenant: 'acct_a', values: own },
      expiring: { headers: { ...expiring.headers }, tenant: 'acct_a', values: own },
    },
    expired: { headers: { ...expired.headers } },
    filter: { account: '{{account}}' },
    shows: '{{account}}',
    logout: { identity: 'leaving', url: `${target.url}/logout`, within_seconds: 2 },
    expiring: { identity: 'expiring', seconds: EXPIRING_SECONDS },
  }
}

export async function restPlan(target: Target): Promise<PlanTargetInput> {
  // Amy may see what alice may: they are of one account.
  const { alice, bob } = await people(target)
  return {
    kind: 'rest',
    url: target.url,
    identities: { alice, bob },
    operations: [
      { path: '/orders/1', owner: 'alice' },
      { method: 'POST', path: '/login', public: true, body: '{"user":"alice","password":"pw-alice"}' },
    ],
  }
}

export async function jobPlan(target: Target): Promise<PlanTargetInput> {
  return {
    kind: 'job',
    url: target.url,
    identities: await people(target),
    create: { path: '/jobs', body: '{}' },
    status: { path: '/jobs/{id}' },
    kept_seconds: JOB_KEPT_SECONDS,
    cancel: { path: '/jobs/{id}/cancel' },
    result: { path: '/jobs/{id}/result', url: '$.url', owner_only: true },
    callback_field: '$.callback_url',
    callback: { path: '/jobs/{id}/callback', body: '{"callback_url":"https://hooks.example.com/done"}' },
    role_change: { identity: 'amy', take: roleOfAmy('revoked'), give: roleOfAmy('member') },
  }
}

/** As long as the targets keep a finished job. */
const JOB_KEPT_SECONDS = 10

function roleOfAmy(role: string) {
  return { path: '/_role', body: JSON.stringify({ user: 'amy', role }) }
}

export function agentPlan(target: Target): PlanTargetInput {
  return {
    kind: 'llm',
    url: `${target.url}/webhooks/agent`,
    webhook: {
      provider: 'stripe',
      secret: target.secret,
      event: {
        type: 'ticket.opened',
        body: '{"data":{"object":{"text":"Where is my parcel?"}},"id":"{{id}}","type":"{{type}}"}',
      },
    },
    text_field: '$.data.object.text',
    canaries: { prompt: 'You are the support agent of Example Shop' },
    oracle: { status: { url: `${target.url}/_effects`, path: '$.count' } },
  }
}

async function people(target: Target) {
  const [alice, amy, bob] = await Promise.all([login(target, 'alice'), login(target, 'amy'), login(target, 'bob')])
  return {
    alice: { headers: { ...alice.headers }, tenant: 'acct_a' },
    amy: { headers: { ...amy.headers }, tenant: 'acct_a' },
    bob: { headers: { ...bob.headers }, tenant: 'acct_b' },
  }
}

async function sessions(target: Target) {
  const [alice, bob, leaving, expired] = await Promise.all([
    login(target, 'alice'),
    login(target, 'bob'),
    login(target, 'alice'),
    login(target, 'alice', { seconds: -60 }),
  ])
  return { alice, bob, leaving, expired }
}

/** As a browser sends it back. */
function cookieOf({ cookie }: Identity): string {
  return cookie.split(';')[0] ?? ''
}
