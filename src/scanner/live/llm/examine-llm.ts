/** A model or agent: a text that asks for nothing must be answered first, then strangers’ texts are tried on it. */
import { PosternError } from '../../../base/model/errors.ts'
import { RunEnded } from '../budget.ts'
import { type ExaminedTarget, type LiveContext, openWorkplace, resolveHeaders, type Workplace } from '../context.ts'
import type { Answer, KeptExchange } from '../lab.ts'
import type { LlmTarget } from '../plan.ts'
import { LLM_PROBES } from '../probes/registry.ts'
import { evidenceOf, recordOf, runProbes, sideBySide } from '../run.ts'
import { controlRecord, inventory, transport } from '../surface-evidence.ts'
import { is2xx } from '../webhook/baseline.ts'
import { readySender } from '../webhook/examine-webhook.ts'
import { createKit, setAt } from '../webhook/kit.ts'
import type { LlmSubject, Saying } from './subject.ts'

const HARMLESS = 'Where is order 7?'

export async function examineLlm(target: LlmTarget, context: LiveContext, consent: string): Promise<ExaminedTarget> {
  const { speech, secrets } = await speechOf(target, context)
  // What must not come out must not stand in the report either.
  const hidden = [...secrets, ...Object.values(target.canaries ?? {})]
  const workplace = await openWorkplace(target.url, target.oracle, hidden, context)
  try {
    const { say, sayUnproven } = speech(workplace)
    const route = `POST ${new URL(target.url).pathname}`
    const surface = { id: `llm-tool ${route}`, style: 'llm-tool' as const, route, traits: { publicDeclared: false } }
    const kept: KeptExchange[] = []
    const begun = await begin(say, workplace, kept)
    if ('reason' in begun)
      return {
        surface: {
          ...surface,
          evidence: [inventory(target.url, consent, 'unknown')],
          missingArtifacts: ['a text that it answers'],
          probes: [
            controlRecord(kept, {
              standing: 'unclear',
              detail: begun.reason,
              next: 'Correct the plan, or start the target.',
            }),
          ],
        },
        notes: [begun.reason],
        incomplete: context.budget.ended !== undefined,
        results: [],
      }
    const subject: LlmSubject = { say, sayUnproven, canaries: target.canaries ?? {}, usualActions: begun.actions }
    const results = await runProbes(context.chosen(LLM_PROBES), subject, {
      bench: workplace.bench,
      budget: context.budget,
      sideBySide: sideBySide(workplace.effects?.oracle.perEvent),
      onProgress: context.onProgress,
    })
    const broken = results.filter(({ broken: why }) => why !== undefined)
    return {
      surface: {
        ...surface,
        evidence: [inventory(target.url, consent, 'present'), ...transport(target.url), ...results.flatMap(evidenceOf)],
        missingArtifacts: [],
        probes: [
          controlRecord(kept, { standing: 'sound', detail: 'A text that asks for nothing is answered.', next: null }),
          ...results.map(recordOf),
        ],
      },
      notes: broken.map(({ probe, broken: why }) => `The probe ${probe.id} was not finished: ${why}`),
      incomplete: broken.length > 0,
      results,
    }
  } finally {
    await workplace.close()
  }
}

interface Speech {
  readonly say: (text: string) => Saying
  readonly sayUnproven: ((text: string) => Saying) | undefined
}

/** Through a signed event, or through a request of the user's own. */
async function speechOf(
  target: LlmTarget,
  context: LiveContext,
): Promise<{ readonly speech: (workplace: Workplace) => Speech; readonly secrets: readonly string[] }> {
  if (target.webhook !== undefined) {
    const field = target.text_field
    if (field === undefined) throw invalid(target, 'text_field: which field of the event holds a stranger’s text')
    const { sender, secrets } = await readySender({ ...target.webhook, url: target.url }, context)
    return {
      secrets,
      speech: (workplace) => {
        const kit = createKit(sender, workplace.lab())
        const event = (text: string) => setAt(kit.event(), field, text)
        return {
          say: (text) => {
            const said = event(text)
            return { id: said.id, request: kit.sign(said) }
          },
          sayUnproven: (text) => {
            const said = event(text)
            return { id: said.id, request: kit.unsigned(said) }
          },
        }
      },
    }
  }
  const { body, content_type } = target
  if (body?.includes('{{text}}') !== true)
    throw invalid(target, 'body: a request with {{text}} where a stranger’s text stands')
  const headers = await resolveHeaders(target.headers ?? {}, context)
  return {
    secrets: headers.map(([, value]) => value.replace(/^\w+ /, '')),
    speech: (workplace) => {
      const lab = workplace.lab()
      const saying = (text: string, proof: typeof headers): Saying => {
        const id = lab.unique()
        const quoted = content_type.includes('json') ? JSON.stringify(text).slice(1, -1) : encodeURIComponent(text)
        const filled = body.replaceAll('{{text}}', () => quoted).replaceAll('{{id}}', id)
        return {
          id,
          request: {
            method: 'POST',
            url: target.url,
            headers: [['Content-Type', content_type], ...proof],
            body: Buffer.from(filled),
          },
        }
      }
      return {
        say: (text) => saying(text, headers),
        sayUnproven: headers.length === 0 ? undefined : (text) => saying(text, []),
      }
    },
  }
}

async function begin(
  say: Speech['say'],
  workplace: Workplace,
  kept: KeptExchange[],
): Promise<{ readonly actions: number | undefined } | { readonly reason: string }> {
  const lab = workplace.lab(kept)
  const { id, request } = say(HARMLESS)
  try {
    const send = async (): Promise<Answer> => await lab.send(request)
    const { result, effects } =
      lab.effects === undefined ? { result: await send(), effects: undefined } : await lab.effects.during(id, send)
    if (!result.ok) return { reason: `A harmless text got no answer (${result.outcome}).` }
    return is2xx(result.status) ? { actions: effects } : { reason: `A harmless text was answered ${result.status}.` }
  } catch (error) {
    if (error instanceof RunEnded) return { reason: error.message }
    if (error instanceof PosternError && error.kind === 'unavailable') return { reason: error.detail }
    throw error
  }
}

function invalid({ url }: LlmTarget, what: string): PosternError {
  return new PosternError('VALIDATION_ERROR', `The probe plan for the model at ${url} lacks ${what}.`)
}
