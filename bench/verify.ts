/**
 * Verification beside the vendors' own libraries, in one process and in alternating rounds; what loading every provider
 * costs; and what a header with 10,000 signatures costs.
 *
 * Run with `npm run bench:verify` after `npm run build`: loading is measured on dist/. Absolute figures belong to the
 * machine; the ratios travel.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { verify as verifyGithub } from '@octokit/webhooks-methods'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { newId } from '../src/base/model/ids.ts'
import { findProvider } from '../src/providers/registry.ts'
import { signAs } from '../src/providers/sign.ts'
import type * as Library from '../src/verify/index.ts'

/** As published: what a development loader adds to every function is nobody's to pay. */
const dist = new URL('../dist/', import.meta.url)
if (!existsSync(dist)) throw new Error('run `npm run build` first')
const { compileScheme, createVerifier, verifyRequest }: typeof Library = await import(
  new URL('verify/index.js', dist).href
)

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const ROUNDS = 15
const MS_PER_ROUND = 120
const url = 'https://hooks.example.com/in'

interface Subject {
  readonly name: string
  /** Ours does more than theirs: shown, and not held against it. */
  readonly more?: boolean
  readonly ours: () => unknown
  readonly theirs: () => unknown
}

/** 1.5 KiB, as an invoice event has it: a few levels, some forty members. */
function eventBody(): string {
  const lines = Array.from({ length: 5 }, (_, index) => ({
    id: `il_1PosternBench${index}`,
    object: 'line_item',
    amount: 1999 + index,
    currency: 'eur',
    description: 'One month of the service, with support',
    period: { start: 1_767_225_600, end: 1_769_904_000 },
    proration: false,
  }))
  return JSON.stringify({
    id: 'evt_1PosternBench',
    object: 'event',
    api_version: '2025-11-17.clover',
    created: 1_767_225_600,
    livemode: false,
    type: 'invoice.paid',
    data: {
      object: {
        id: 'in_1PosternBench',
        object: 'invoice',
        amount_paid: 1999,
        customer: 'cus_1',
        lines: { data: lines },
      },
    },
  })
}

function request(provider: string) {
  const definition = findProvider(provider)!
  const body = Buffer.from(eventBody())
  const signed = signAs(definition, {
    key: SECRET,
    body,
    contentType: 'application/json',
    now: Date.now(),
    id: 'msg_1',
    type: 'invoice.paid',
    url,
  })
  // What a proxy and a client library add: finding one header among these is part of the work.
  const headers = [
    ['Host', 'hooks.example.com'],
    ['User-Agent', 'Vendor/1.0 (+https://example.com)'],
    ['Accept', '*/*'],
    ['X-Forwarded-For', '203.0.113.7'],
    ['X-Forwarded-Proto', 'https'],
    ['X-Request-Id', '7f8a3c1e'],
    ...signed.headers,
  ] as const
  return {
    definition,
    body,
    headers,
    named: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
  }
}

function subjects(): readonly Subject[] {
  const stripe = request('stripe')
  const github = request('github')
  const standard = request('standard-webhooks')
  const ourStripe = createVerifier({ provider: stripe.definition, secret: SECRET })
  const plainStripe = compileScheme(stripe.definition.schemes[0], [{ id: newId(), material: SECRET }])
  const ourGithub = compileScheme(github.definition.schemes[0], [{ id: newId(), material: SECRET }])
  const ourStandard = createVerifier({ provider: standard.definition, secret: SECRET })
  const theirStandard = new StandardWebhook(SECRET)
  const githubText = github.body.toString()
  const must = (ok: unknown) => {
    if (!ok) throw new Error('the benchmark measures refusals')
  }
  return [
    {
      name: 'stripe: verifyHeader',
      ours: () =>
        must(
          verifyRequest(plainStripe, { method: 'POST', url, headers: stripe.headers, body: stripe.body }, Date.now())
            .ok,
        ),
      theirs: () =>
        must(Stripe.webhooks.signature?.verifyHeader(stripe.body, stripe.named['stripe-signature'] ?? '', SECRET, 300)),
    },
    {
      // Theirs parses and stops; ours bounds the JSON and reads the event's attributes as well.
      name: 'stripe: constructEvent',
      more: true,
      ours: () => must(ourStripe.verifySync({ url, headers: stripe.headers, body: stripe.body }).ok),
      theirs: () => must(Stripe.webhooks.constructEvent(stripe.body, stripe.named['stripe-signature'] ?? '', SECRET)),
    },
    {
      // Theirs says yes or no and reads nothing of the body; so does the function that is compared with it.
      name: '@octokit/webhooks-methods: verify',
      ours: () =>
        must(
          verifyRequest(ourGithub, { method: 'POST', url, headers: github.headers, body: github.body }, Date.now()).ok,
        ),
      theirs: async () => must(await verifyGithub(SECRET, githubText, github.named['x-hub-signature-256'] ?? '')),
    },
    {
      name: 'standardwebhooks: verify',
      ours: () => must(ourStandard.verifySync({ url, headers: standard.headers, body: standard.body }).ok),
      theirs: () => must(theirStandard.verify(standard.body, standard.named)),
    },
  ]
}

/** @returns Nanoseconds of CPU of one call: a busy machine makes calls wait, not work. */
async function measure(call: () => unknown): Promise<number> {
  const start = process.cpuUsage()
  let calls = 0
  let spent = 0
  while (spent < MS_PER_ROUND * 1000) {
    for (let index = 0; index < 100; index++) {
      const result = call()
      if (result instanceof Promise) await result
    }
    calls += 100
    const { user, system } = process.cpuUsage(start)
    spent = user + system
  }
  return (spent * 1000) / calls
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

async function compare(): Promise<boolean> {
  let all = true
  console.log(
    `\n${'CPU per request, 1.5 KiB body'.padEnd(40)}${'ours'.padStart(12)}${'theirs'.padStart(12)}   theirs/ours`,
  )
  for (const { name, ours, theirs, more = false } of subjects()) {
    const times: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] }
    await measure(ours)
    await measure(theirs)
    for (let round = 0; round < ROUNDS; round++) {
      times.ours.push(await measure(ours))
      times.theirs.push(await measure(theirs))
    }
    const [mine, other] = [median(times.ours), median(times.theirs)]
    if (mine > other && !more) all = false
    console.log(
      `${name.padEnd(40)}${`${mine.toFixed(0)} ns`.padStart(12)}${`${other.toFixed(0)} ns`.padStart(12)}   ${(other / mine).toFixed(2)}`,
    )
  }
  return all
}

/** CPU of fresh processes, so that a busy machine does not count against it. */
function loading(): boolean {
  const registry = fileURLToPath(new URL('providers/registry.js', dist))
  const verify = fileURLToPath(new URL('verify/index.js', dist))
  const cpu = (script: string) => {
    const runs = Array.from({ length: 9 }, () => {
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
      return Number(stdout)
    })
    return median(runs)
  }
  const code = (path: string) =>
    `const c = process.cpuUsage(); await import(${JSON.stringify(path)}); const d = process.cpuUsage(c); console.log((d.user + d.system) / 1000)`
  const all = cpu(code(registry))
  console.log(`\nloading every provider: ${all.toFixed(1)} ms of CPU beyond node's start (target: under 30)`)
  console.log(`loading postern/verify: ${cpu(code(verify)).toFixed(1)} ms`)
  return all < 30
}

function flood(): boolean {
  const { definition, body, headers } = request('stripe')
  const verifier = createVerifier({ provider: definition, secret: SECRET })
  const many = `t=${Math.floor(Date.now() / 1000)}${`,v1=${'a'.repeat(64)}`.repeat(10_000)}`
  const flooded = headers.map(([name, value]) =>
    name === 'Stripe-Signature' ? ([name, many] as const) : ([name, value] as const),
  )
  const calls = 200
  const start = process.cpuUsage()
  for (let index = 0; index < calls; index++) {
    if (verifier.verifySync({ url, headers: flooded, body }).ok) throw new Error('accepted')
  }
  const { user, system } = process.cpuUsage(start)
  const ms = (user + system) / 1000 / calls
  console.log(
    `a header with 10,000 signatures (${many.length} bytes): refused in ${(ms * 1000).toFixed(1)} µs of CPU (target: under 1000)`,
  )
  return ms < 1
}

const results = [await compare(), loading(), flood()]
if (!results.every(Boolean)) {
  console.error('\na target is missed')
  process.exitCode = 1
}
