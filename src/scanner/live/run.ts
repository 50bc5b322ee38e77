/**
 * Runs probes against one target and turns what they say into evidence.
 *
 * Probes run side by side unless they would disturb one another: those that are `alone`, and all of them when the
 * oracle cannot tell events apart. A run that ends early keeps what it learnt and says that it is not whole; a probe
 * that breaks costs no other its result and never passes for a sound one.
 */
import type { Evidence, ProbeRecord } from '../../catalogue/evidence.ts'
import { groupBy } from '../../catalogue/group-by.ts'
import { CONFIDENCES, type Confidence } from '../../catalogue/terms.ts'
import { type Budget, END_TEXT, RunEnded } from './budget.ts'
import type { Bench, KeptExchange } from './lab.ts'
import type { Probe, ProbeInfo, Standing, Verdict } from './probe.ts'

export interface ProbeResult {
  readonly probe: ProbeInfo
  readonly verdicts: readonly Verdict[]
  readonly exchanges: readonly KeptExchange[]
  /** It did not come to an end. */
  readonly broken?: string
}

export interface RunOptions {
  readonly bench: Bench
  readonly budget: Budget
  /** How many at a time. */
  readonly sideBySide: number
  readonly onProgress?: ((text: string) => void) | undefined
}

const SIDE_BY_SIDE = 8

/** An oracle that counts all events together can watch one thing at a time. */
export function sideBySide(perEvent: boolean | undefined): number {
  return perEvent === false ? 1 : SIDE_BY_SIDE
}

export async function runProbes<Subject>(
  probes: readonly Probe<Subject>[],
  subject: Subject,
  options: RunOptions,
): Promise<readonly ProbeResult[]> {
  const results = new Map<string, ProbeResult>()
  const one = async (probe: Probe<Subject>): Promise<void> => {
    options.onProgress?.(`probing: ${results.size + 1} of ${probes.length}, ${probe.id}`)
    results.set(probe.id, await runProbe(probe, subject, options))
  }
  const together = probes.filter(({ alone }) => alone !== true)
  let next = 0
  const worker = async (): Promise<void> => {
    for (let probe = together[next++]; probe !== undefined; probe = together[next++]) await one(probe)
  }
  await Promise.all(Array.from({ length: Math.min(options.sideBySide, together.length) }, worker))
  for (const probe of probes.filter(({ alone }) => alone === true)) await one(probe)
  // In the order in which they are listed, whichever ended first.
  return probes.flatMap(({ id }) => {
    const result = results.get(id)
    return result === undefined ? [] : [{ ...result, verdicts: result.verdicts.map((one) => one.late?.() ?? one) }]
  })
}

async function runProbe<Subject>(
  probe: Probe<Subject>,
  subject: Subject,
  { bench, budget }: RunOptions,
): Promise<ProbeResult> {
  const exchanges: KeptExchange[] = []
  const result = (verdicts: readonly Verdict[], broken?: string): ProbeResult => ({
    probe,
    verdicts,
    exchanges,
    ...(broken === undefined ? {} : { broken }),
  })
  try {
    budget.check()
    const verdicts = await probe.run(subject, bench.lab(exchanges))
    return result(Array.isArray(verdicts) ? verdicts : [verdicts as Verdict])
  } catch (error) {
    if (error instanceof RunEnded) return result([], END_TEXT[error.reason])
    return result([], error instanceof Error ? error.message : String(error))
  }
}

const STATE = { sound: 'present', faulty: 'unsafe', unclear: 'unknown' } as const

/** One piece for each control and state that the probe spoke of; the record keeps every sentence. */
export function evidenceOf({ probe, verdicts }: ProbeResult): readonly Evidence[] {
  const told = verdicts.filter(({ standing }) => standing !== 'not-applicable')
  const groups = groupBy(
    told,
    ({ control, standing, severity }) => `${control ?? probe.controls[0]} ${standing} ${severity}`,
  )
  return [...groups.values()].map((group): Evidence => {
    const [first] = group
    const { standing = 'unclear', control = probe.controls[0], severity } = first ?? {}
    return {
      control,
      state: STATE[standing as keyof typeof STATE],
      // From outside nobody can tell which layer it was.
      place: 'unknown',
      source: 'live',
      rule: probe.id,
      detail: detailOf(standing, group),
      verification: `probe ${probe.id}: ${probe.title}`,
      confidence: weakest(group),
      ...(severity === undefined ? {} : { severity }),
    }
  })
}

/** All that is wrong is told; of what is right, one example and how many more. */
function detailOf(standing: Standing, group: readonly Verdict[]): string {
  const sentences = [...new Set(group.map(({ detail, next }) => (next === undefined ? detail : `${detail} ${next}`)))]
  if (standing === 'faulty' || sentences.length < 3) return sentences.join(' ')
  return `${sentences[0]} ${sentences.length - 1} more alike.`
}

function weakest(group: readonly Verdict[]): Confidence {
  return CONFIDENCES.find((confidence) => group.some((verdict) => verdict.confidence === confidence)) ?? 'low'
}

/** Of each kind of verdict a few exchanges are enough to see how it came about. */
const MAX_SHOWN = 6

export function recordOf({ probe, verdicts, exchanges, broken }: ProbeResult): ProbeRecord {
  const shown = shownExchanges(verdicts, exchanges)
  const told = verdicts.map(({ standing, control, confidence, detail, next, seen }) => ({
    standing,
    control: control ?? probe.controls[0],
    confidence,
    detail,
    next: next ?? null,
    exchange: indexOf(shown, seen),
  }))
  const unfinished = {
    standing: 'unclear' as const,
    control: probe.controls[0],
    confidence: 'low' as const,
    detail: `Not finished: ${broken}`,
    next: 'Run it again.',
    exchange: null,
  }
  return {
    probe: probe.id,
    title: probe.title,
    follows: probe.follows ?? [],
    verdicts: broken === undefined ? told : [...told, unfinished],
    exchanges: shown.map(({ request, response }) => ({ request, response })),
  }
}

/** Those that show a fault or a doubt, and then the first, in the order in which they were sent. A dry run keeps all. */
function shownExchanges(verdicts: readonly Verdict[], exchanges: readonly KeptExchange[]): readonly KeptExchange[] {
  if (exchanges.every(({ response }) => response === '')) return exchanges
  const telling = new Set(
    verdicts.flatMap(({ standing, seen }) => (standing === 'faulty' || standing === 'unclear' ? [seen] : [])),
  )
  const chosen = [
    ...exchanges.filter(({ answer }) => answer !== undefined && telling.has(answer)),
    ...exchanges.filter(({ answer }) => answer === undefined || !telling.has(answer)),
  ].slice(0, MAX_SHOWN)
  return exchanges.filter((exchange) => chosen.includes(exchange))
}

function indexOf(exchanges: readonly KeptExchange[], seen: Verdict['seen']): number | null {
  const index = seen === undefined ? -1 : exchanges.findIndex(({ answer }) => answer === seen)
  return index === -1 ? null : index
}
