/**
 * `postern send`: webhooks as the provider would send them, or broken on purpose.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { PosternError } from '../../../base/model/errors.ts'
import type { HeaderList } from '../../../base/model/event.ts'
import type { HttpMethod, ProviderDefinition, Scheme } from '../../../providers/definition.ts'
import { needsOf } from '../../../providers/needs.ts'
import { sampleEvent } from '../../../providers/sample.ts'
import { signAs } from '../../../providers/sign.ts'
import type { SignedRequest, SignInput } from '../../../providers/sign-request.ts'
import { TAMPERINGS, type Tampering, tamper } from '../../../providers/tamper.ts'
import { createClient, gatewayUrl, type Reply, sendRequest } from '../client.ts'
import { unforgeable } from '../command-examples.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { type DemoEntry, readDemo } from '../demo-file.ts'
import { readInput, readSecret } from '../input.ts'
import { number, text } from '../list.ts'
import { namedValues } from '../named-values.ts'
import { printJson, shown } from '../output.ts'
import { requireProvider, requireScheme } from '../require-provider.ts'
import type { IntegrationView } from '../views.ts'

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
  const plan = await planOf(context, requireProvider(args[0] ?? ''), options)
  const count = number(options['count']) ?? 1
  const sent = await sendAll(context, plan, count, number(options['rate']))
  report(context, sent, count)
  return sent.every((each) => each.expected) ? 0 : 1
}

interface Plan {
  readonly provider: ProviderDefinition
  readonly secret: string
  /** Where it goes; `signedUrl` is what is signed, when the receiver is known by another address. */
  readonly url: string
  readonly signedUrl: string
  /** The proxy's part, for schemes with client certificates. */
  readonly certificateHeader: string | undefined
  readonly input: Pick<SignInput, 'scheme' | 'settings' | 'slot' | 'method'>
  readonly type: string | undefined
  readonly body: Buffer | undefined
  readonly tampering: Tampering | undefined
}

async function planOf(
  context: CommandContext,
  provider: ProviderDefinition,
  options: Readonly<Record<string, unknown>>,
): Promise<Plan> {
  const { env, stdin } = context
  const id = text(options['integration'])
  const integration = id === undefined ? undefined : await integrationOf(context, provider, id)
  const demo = id === undefined ? readDemo(env, provider.id) : undefined
  const name = text(options['scheme']) ?? integration?.scheme
  const scheme = requireScheme(provider, name)
  const slot = slotOf(provider, scheme, text(options['slot']))
  const receivePath = integration?.receivePath ?? demo?.receivePath ?? `/api/v1/webhooks/${provider.id}`
  const url = text(options['to']) ?? `${gatewayUrl(env)}${receivePath}`
  const method = HTTP_METHODS.find((each) => each === options['method'])
  return {
    provider,
    secret: await secretFor(context, { provider, scheme }, demo, text(options['secret'])),
    url,
    signedUrl: text(options['publicUrl']) ?? integration?.publicUrl ?? url,
    certificateHeader: certificateHeader(context, provider, scheme),
    input: {
      settings: { ...integration?.settings, ...namedValues('setting', options['setting']) },
      ...(name === undefined ? {} : { scheme: name }),
      ...(slot === undefined ? {} : { slot }),
      ...(method === undefined ? {} : { method }),
    },
    type: text(options['type']),
    body: options['body'] === undefined ? undefined : await readInput(String(options['body']), stdin),
    tampering: TAMPERINGS.find((each) => each === options['tamper']),
  }
}

const HTTP_METHODS: readonly HttpMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS']

async function integrationOf(
  { env }: CommandContext,
  provider: ProviderDefinition,
  id: string,
): Promise<IntegrationView> {
  const integration = await createClient(env).get<IntegrationView>(`/api/v1/integrations/${encodeURIComponent(id)}`)
  if (integration.provider === provider.id) return integration
  throw new PosternError('VALIDATION_ERROR', `${shown(id)} is an integration of ${shown(integration.provider)}.`)
}

/** @throws PosternError `VALIDATION_ERROR` */
function slotOf(provider: ProviderDefinition, scheme: Scheme, slot: string | undefined): string | undefined {
  const { slots } = needsOf(provider, scheme)
  if (slot === undefined || slots.some((each) => each.slot === slot)) return slot
  const known = slots.map((each) => each.slot).join(', ')
  throw new PosternError(
    'VALIDATION_ERROR',
    known === '' ? `The scheme ${scheme.name} has no further keys.` : `--slot must be ${known}.`,
  )
}

/** @throws PosternError `VALIDATION_ERROR` when the proxy's part cannot be played. */
function certificateHeader(
  { env }: CommandContext,
  provider: ProviderDefinition,
  { family, name }: Scheme,
): string | undefined {
  if (family !== 'mtls') return undefined
  const header = env['POSTERN_CLIENT_CERT_HEADER']
  if (header) return header
  throw new PosternError(
    'VALIDATION_ERROR',
    `${provider.name} shows a client certificate under the scheme ${name}: set POSTERN_CLIENT_CERT_HEADER to the header that the gateway believes, and give the certificate’s fingerprint with --secret, to stand in for the proxy.`,
  )
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

function requestsOf({
  provider,
  secret,
  signedUrl,
  input: chosen,
  type,
  body,
  tampering,
}: Plan): readonly SignedRequest[] {
  const now = Date.now()
  const sample = sampleEvent(provider, { id: randomUUID(), now, ...(type === undefined ? {} : { type }) })
  const input: SignInput = {
    ...chosen,
    key: secret,
    body: body ?? sample.body,
    contentType: sample.contentType,
    now,
    id: sample.id,
    type: sample.type,
    url: signedUrl,
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

/** What is signed may have gained a query; it goes along to where the request is sent. */
function addressed({ url, signedUrl, certificateHeader }: Plan, request: SignedRequest): SignedRequest {
  const gained = request.url.slice(signedUrl.length)
  const joined = gained.startsWith('?') && url.includes('?') ? `&${gained.slice(1)}` : gained
  const certificate: HeaderList =
    certificateHeader === undefined || request.clientCertificate === undefined
      ? []
      : [[certificateHeader, request.clientCertificate]]
  return { ...request, url: url + joined, headers: [...request.headers, ...certificate] }
}

async function sendOne(plan: Plan, request: SignedRequest, position: number): Promise<Sent> {
  const { tampering } = plan
  const started = performance.now()
  const reply = await sendRequest(addressed(plan, request))
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

/** @throws PosternError `VALIDATION_ERROR`: what is needed, or why it cannot be had. */
async function secretFor(
  context: CommandContext,
  { provider, scheme }: { readonly provider: ProviderDefinition; readonly scheme: Scheme },
  demo: DemoEntry | undefined,
  given: string | undefined,
): Promise<string> {
  const why = unforgeable(provider, scheme)
  if (scheme.family === 'fetch-back') throw new PosternError('VALIDATION_ERROR', why ?? '')
  if (given !== undefined) {
    const secret = await readSecret(given, context.env, context.stdin)
    if (why !== undefined && !secret.includes('PRIVATE KEY')) throw new PosternError('VALIDATION_ERROR', why)
    return secret
  }
  if (demo !== undefined) return demo.secret
  throw new PosternError(
    'VALIDATION_ERROR',
    why ??
      `Give the signing secret with --secret (${needsOf(provider, scheme).keyForm}) It is not stored anywhere to be read back.`,
  )
}
