/**
 * One webhook receiver: a genuine event first, then every probe, then a genuine event again.
 *
 * Without the first being accepted nothing is concluded: a receiver that refuses everything looks sound to every
 * probe. Without the last the run is not whole: the target may have gone away in the middle of it.
 */
import { PosternError } from '../../../base/model/errors.ts'
import type { ProviderDefinition } from '../../../providers/definition.ts'
import { findScheme } from '../../../providers/definition.ts'
import { findProvider } from '../../../providers/registry.ts'
import { RunEnded } from '../budget.ts'
import { type ExaminedTarget, type LiveContext, openWorkplace, type Workplace } from '../context.ts'
import { examinedTarget } from '../examined-target.ts'
import type { KeptExchange } from '../lab.ts'
import type { WebhookTarget } from '../plan.ts'
import { WEBHOOK_PROBES } from '../probes/registry.ts'
import { type ProbeResult, runProbes, sideBySide } from '../run.ts'
import { type Baseline, type BaselineResult, establish } from './baseline.ts'
import { customDefinition } from './custom-scheme.ts'
import { createKit, type Kit, type Sender } from './kit.ts'

export async function examineWebhook(
  target: WebhookTarget,
  context: LiveContext,
  consent: string,
): Promise<ExaminedTarget> {
  const { sender, secrets, others } = await readySender(target, context)
  const workplace = await openWorkplace(target.url, target.oracle, secrets, context)
  try {
    const kit = createKit(sender, workplace.lab())
    const kept: KeptExchange[] = []
    const begun = await attemptBaseline(kit, workplace, kept)
    if (!begun.ok) return notEvaluable(target, begun, kept, { consent, context })
    const results = await runProbes(
      context.chosen(WEBHOOK_PROBES),
      {
        kit,
        baseline: begun.baseline,
        limits: context.limits,
        destructive: context.destructive,
        urlFields: target.url_fields ?? [],
        objectIds: target.object_ids ?? [],
        otherTenant: { secret: others.tenant, fields: target.other_tenant?.fields ?? {} },
        rotation: { also: others.also, retired: others.retired },
      },
      {
        bench: workplace.bench,
        budget: context.budget,
        sideBySide: sideBySide(workplace.effects?.oracle.perEvent),
        onProgress: context.onProgress,
      },
    )
    const ended = await attemptBaseline(kit, workplace)
    return examined(target, results, ended, { consent, context, kit, workplace, kept, begun: begun.baseline })
  } finally {
    await workplace.close()
  }
}

async function attemptBaseline(kit: Kit, workplace: Workplace, kept: KeptExchange[] = []): Promise<BaselineResult> {
  try {
    return await establish(kit, workplace.lab(kept))
  } catch (error) {
    if (error instanceof RunEnded) return { ok: false, reason: error.message, next: 'Run it again.' }
    if (error instanceof PosternError && error.kind === 'unavailable')
      return { ok: false, reason: error.detail, next: 'Make the oracle answer with a count.' }
    throw error
  }
}

interface ReadySender {
  readonly sender: Sender
  readonly secrets: readonly string[]
  readonly others: Readonly<Record<'tenant' | 'also' | 'retired', string | undefined>>
}

/** @throws PosternError `VALIDATION_ERROR`: what is missing to sign, and where to put it. */
export async function readySender(
  target: Omit<WebhookTarget, 'kind'>,
  context: Pick<LiveContext, 'secretOf' | 'readText' | 'dry'>,
): Promise<ReadySender> {
  const { event = {}, url } = target
  const definition = definitionOf(target)
  const scheme = findScheme(definition, target.scheme)
  if (scheme === undefined)
    throw invalid(
      `${definition.name} has no scheme ${target.scheme}; there are ${definition.schemes.map(({ name }) => name).join(', ')}.`,
    )
  if (scheme.family === 'mtls' || scheme.family === 'fetch-back')
    throw invalid(`Events under the scheme ${scheme.name} of ${definition.name} cannot be made from outside.`)
  if (target.secret === undefined)
    throw invalid(`The secret that signs for ${url} is missing: --secret env:NAME, or secret: in the probe plan.`)
  const read = async (reference: string | undefined) =>
    reference === undefined ? undefined : await context.secretOf(reference)
  const key = (await read(target.secret)) ?? ''
  const others = {
    tenant: await read(target.other_tenant?.secret),
    also: await read(target.rotation?.also),
    retired: await read(target.rotation?.retired),
  }
  const body = event.body_file === undefined ? event.body : await context.readText(event.body_file)
  return {
    sender: {
      definition,
      scheme,
      settings: target.settings ?? {},
      slot: target.slot,
      key,
      url,
      signedUrl: target.public_url ?? url,
      body,
      contentType: event.content_type,
      type: event.type,
      idAt: event.id,
      typeAt: event.type_at,
      marked: target.oracle?.sink !== undefined,
    },
    secrets: [key, ...Object.values(others).filter((secret) => secret !== undefined)],
    others,
  }
}

function definitionOf({ provider, custom, event, url }: Omit<WebhookTarget, 'kind'>): ProviderDefinition {
  if (custom !== undefined)
    return customDefinition(custom, { id: event?.id ?? 'body:$.id', type: event?.type_at ?? 'body:$.type' })
  if (provider === undefined)
    throw invalid(
      `Who sends to ${url} is not said: --provider ID (\`postern providers list\`), or custom: in the probe plan.`,
    )
  const definition = findProvider(provider)
  if (definition === undefined)
    throw invalid(
      `There is no provider ${JSON.stringify(provider.slice(0, 60))}; \`postern providers list\` shows all.`,
    )
  return definition
}

function invalid(detail: string): PosternError {
  return new PosternError('VALIDATION_ERROR', detail)
}

function routeOf({ url }: Pick<WebhookTarget, 'url'>, method = 'POST'): string {
  return `${method} ${new URL(url).pathname}`
}

function notEvaluable(
  target: WebhookTarget,
  { reason, next, blocked }: Extract<BaselineResult, { ok: false }>,
  kept: readonly KeptExchange[],
  { consent, context: { budget } }: Pick<Surroundings, 'consent' | 'context'>,
): ExaminedTarget {
  if (blocked === true) throw new PosternError('CONSENT_REQUIRED', `${reason} ${BLOCKED_NEXT}`)
  const route = routeOf(target)
  return examinedTarget({
    url: target.url,
    consent,
    surface: { id: `webhook ${route}`, style: 'webhook', route, traits: { eventDriven: true } },
    control: { exchanges: kept, problem: { reason, next } },
    ...SPOKEN,
    results: [],
    gone: undefined,
    cut: budget.ended !== undefined,
  })
}

const SPOKEN = { needs: 'a genuine event that it accepts', holds: 'A genuine event is accepted.' }

const BLOCKED_NEXT =
  'Its name leads to an address that is not public: name the range with --allow-cidr to open it. Metadata services are never reached.'

interface Surroundings {
  readonly consent: string
  readonly context: LiveContext
  readonly kit: Kit
  readonly workplace: Workplace
  readonly kept: readonly KeptExchange[]
  readonly begun: Baseline
}

function examined(
  target: WebhookTarget,
  results: readonly ProbeResult[],
  ended: BaselineResult,
  { consent, context, kit, workplace, kept, begun }: Surroundings,
): ExaminedTarget {
  const { method } = kit.sign(kit.event())
  const route = routeOf(target, method)
  const blind = begun.indistinct && workplace.effects === undefined
  const fetches = results.some(
    ({ probe, verdicts }) =>
      probe.id.startsWith('payload-url') && verdicts.some(({ standing }) => standing === 'faulty'),
  )
  return examinedTarget({
    url: target.url,
    consent,
    surface: {
      id: `webhook ${route}`,
      style: 'webhook',
      route,
      traits: {
        eventDriven: true,
        signedProvider: true,
        ...(fetches ? { fetchesPayloadUrls: true } : {}),
      },
    },
    operation: { method, url: target.url },
    control: { exchanges: kept },
    ...SPOKEN,
    results,
    gone: ended.ok ? undefined : `At the end of the run a genuine event was no longer accepted. ${ended.reason}`,
    notes: [
      ...(blind && !context.dry
        ? [
            'It answers a request that is no event like a genuine one, so its answers say nothing. Only an oracle can tell.',
          ]
        : []),
      ...(workplace.effects === undefined && !context.dry
        ? [
            'Nothing counted effects: what a target does after it has answered was not seen. An oracle tells (docs/scan-live.md).',
          ]
        : []),
    ],
    cut: blind && !context.dry,
  })
}
