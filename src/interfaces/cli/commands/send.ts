/**
 * `postern send`: webhooks as the provider would send them, or broken on purpose.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { PosternError } from '../../../base/model/errors.ts'
import type { ProviderDefinition } from '../../../providers/definition.ts'
import { findProvider, providers } from '../../../providers/registry.ts'
import { sampleEvent } from '../../../providers/sample.ts'
import { signAs } from '../../../providers/sign.ts'
import type { SignedRequest, SignInput } from '../../../providers/sign-request.ts'
import { type Tampering, tamper } from '../../../providers/tamper.ts'
import { gatewayUrl, type Reply, sendRequest } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { type DemoEntry, readDemo } from '../demo-file.ts'
import { readInput, readSecret } from '../input.ts'
import { number, text } from '../list.ts'
import { printJson, shown } from '../output.ts'

/** Requests under way at one time when no rate is asked for. */
const CONCURRENCY = 16

interface Sent {
  readonly status: number
  readonly eventId: string | undefined
  readonly code: string | undefined
  readonly outcome: string
  /** Whether the receiver did what it should: accept what is genuine, refuse what is not. */
  readonly expected: boolean
  readonly milliseconds: number
}

export async function send(
  context: CommandContext,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const provider = requireProvider(args[0] ?? '')
  const demo = readDemo(context.env, provider.id)
  const plan: Plan = {
    provider,
    demo,
    secret: await secretFor(context, provider, demo, text(options['secret'])),
    url: text(options['to']) ?? `${gatewayUrl(context.env)}${demo?.receivePath ?? `/api/v1/webhooks/${provider.id}`}`,
    scheme: text(options['scheme']),
    type: text(options['type']),
    body: options['body'] === undefined ? undefined : await readInput(String(options['body']), context.stdin),
    tampering: text(options['tamper']) as Tampering | undefined,
  }
  const count = number(options['count']) ?? 1
  const sent = await sendAll(context, plan, count, number(options['rate']))
  report(context, sent, count)
  return sent.every((each) => each.expected) ? 0 : 1
}

interface Plan {
  readonly provider: ProviderDefinition
  readonly demo: DemoEntry | undefined
  readonly secret: string
  readonly url: string
  readonly scheme: string | undefined
  readonly type: string | undefined
  readonly body: Buffer | undefined
  readonly tampering: Tampering | undefined
}

async function sendAll(
  context: CommandContext,
  plan: Plan,
  count: number,
  perSecond: number | undefined,
): Promise<readonly Sent[]> {
  const sent: Sent[] = []
  const started = performance.now()
  let next = 0
  async function worker(): Promise<void> {
    for (let index = next++; index < count; index = next++) {
      if (perSecond !== undefined) await sleep(Math.max(0, (index / perSecond) * 1000 - (performance.now() - started)))
      for (const [position, request] of requestsOf(plan).entries()) sent.push(await sendOne(plan, request, position))
      if (context.stderr.isTTY === true && count > 1) context.stderr.write(`\r${sent.length} sent`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(count, CONCURRENCY) }, worker))
  if (context.stderr.isTTY === true && count > 1) context.stderr.write('\r\u001b[K')
  return sent
}

function requestsOf({ provider, secret, url, scheme, type, body, tampering }: Plan): readonly SignedRequest[] {
  const now = Date.now()
  const sample = sampleEvent(provider, { id: randomUUID(), now, ...(type === undefined ? {} : { type }) })
  const input: SignInput = {
    key: secret,
    body: body ?? sample.body,
    contentType: sample.contentType,
    now,
    id: sample.id,
    type: sample.type,
    url,
    ...(scheme === undefined ? {} : { scheme }),
  }
  if (tampering === undefined) return [signAs(provider, input)]
  const requests = tamper(provider, input, tampering)
  if (requests === undefined) {
    throw new PosternError(
      'VALIDATION_ERROR',
      `--tamper ${tampering} has nothing to act on: this scheme of ${provider.name} does not sign that.`,
    )
  }
  return requests
}

async function sendOne({ tampering }: Plan, request: SignedRequest, position: number): Promise<Sent> {
  const started = performance.now()
  const reply = await sendRequest(request)
  const answer = answerOf(reply)
  const duplicate = answer['duplicate'] === true
  const accepted = reply.status >= 200 && reply.status < 300
  const expected =
    tampering === undefined || tampering === 'replay'
      ? accepted && duplicate === position > 0
      : reply.status >= 400 && reply.status < 500
  return {
    status: reply.status,
    eventId: text(answer['eventId']),
    code: text(answer['code']),
    outcome: accepted ? (text(answer['status']) ?? 'accepted') : 'refused',
    expected,
    milliseconds: Math.round(performance.now() - started),
  }
}

function answerOf(reply: Reply): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(reply.body.toString())
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    // A receiver that is not ours answers as it likes.
    return {}
  }
}

function report(context: CommandContext, sent: readonly Sent[], count: number): void {
  if (context.json)
    return printJson(
      context,
      count === 1
        ? sent
        : { sent: sent.length, outcomes: tally(sent), unexpected: sent.filter((each) => !each.expected).length },
    )
  if (sent.length <= 20) {
    for (const { status, outcome, eventId, code, milliseconds } of sent) {
      context.stdout.write(`${status} ${shown(outcome)} ${shown(eventId ?? code)} (${milliseconds} ms)\n`)
    }
  } else {
    for (const [outcome, total] of Object.entries(tally(sent))) context.stdout.write(`${total} × ${outcome}\n`)
  }
  const unexpected = sent.filter((each) => !each.expected).length
  if (unexpected > 0) context.stderr.write(`${unexpected} of ${sent.length} were not answered as they should be.\n`)
}

function tally(sent: readonly Sent[]): Readonly<Record<string, number>> {
  const totals = new Map<string, number>()
  for (const { status, outcome } of sent)
    totals.set(`${status} ${outcome}`, (totals.get(`${status} ${outcome}`) ?? 0) + 1)
  return Object.fromEntries(totals)
}

function requireProvider(id: string): ProviderDefinition {
  const provider = findProvider(id)
  if (provider !== undefined) return provider
  throw new PosternError(
    'VALIDATION_ERROR',
    `There is no provider "${shown(id)}". Known: ${[...providers.keys()].join(', ')}.`,
  )
}

async function secretFor(
  context: CommandContext,
  provider: ProviderDefinition,
  demo: DemoEntry | undefined,
  given: string | undefined,
): Promise<string> {
  if (given !== undefined) return await readSecret(given, context.env, context.stdin)
  if (demo !== undefined) return demo.secret
  throw new PosternError(
    'VALIDATION_ERROR',
    `Give the signing secret with --secret (${provider.keyForm}). It is not stored anywhere to be read back.`,
  )
}
