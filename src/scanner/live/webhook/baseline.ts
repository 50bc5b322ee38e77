/**
 * What this target does with a genuine event and with nonsense: everything else is judged against the two.
 *
 * A receiver that answers 200 to both cannot be judged by its answers. Then only an oracle can tell, and where there
 * is none the probe says so.
 */
import type { Effects } from '../effects.ts'
import type { Answer, Lab, ProbeRequest } from '../lab.ts'
import { certificateProblem } from '../surface-evidence.ts'
import type { Kit } from './kit.ts'
import { bodyShape, isAlike, type Shape, stableShape } from './shape.ts'

export interface Baseline {
  readonly acceptedStatus: number
  readonly accepted: Shape
  /** Nonsense is answered as a genuine event is. */
  readonly indistinct: boolean
}

export type BaselineResult =
  | { readonly ok: true; readonly baseline: Baseline }
  /** A genuine event is not accepted: nothing that is refused afterwards means anything. */
  | { readonly ok: false; readonly reason: string; readonly next: string; readonly blocked?: boolean }

export async function establish(kit: Kit, lab: Lab): Promise<BaselineResult> {
  const first = await genuine(kit, lab)
  if ('reason' in first) return { ok: false, ...first }
  const second = await genuine(kit, lab)
  if ('reason' in second) return { ok: false, ...second }
  const garbage = await lab.send({
    method: 'POST',
    url: kit.sender.url,
    headers: [['Content-Type', 'text/plain']],
    body: Buffer.from('this is not an event'),
  })
  const accepted = stableShape(bodyShape(first.answer), bodyShape(second.answer))
  return {
    ok: true,
    baseline: {
      acceptedStatus: first.answer.status,
      accepted,
      indistinct: garbage.ok && is2xx(garbage.status) && isAlike(bodyShape(garbage), accepted),
    },
  }
}

type Genuine =
  | { readonly answer: Extract<Answer, { ok: true }> }
  | { readonly reason: string; readonly next: string; readonly blocked?: boolean }

async function genuine(kit: Kit, lab: Lab): Promise<Genuine> {
  const event = kit.event()
  const send = async () => await lab.send(kit.sign(event))
  const { result, effects } =
    lab.effects === undefined ? { result: await send(), effects: undefined } : await lab.effects.firstOf(event.id, send)
  if (!result.ok)
    return {
      reason: `A genuine event got no answer: ${result.outcome} (${result.detail}).`,
      next: certificateProblem(result) === undefined ? 'Start the target, or correct its address.' : CERTIFICATE_NEXT,
      ...(result.outcome === 'address_blocked' ? { blocked: true } : {}),
    }
  if (!is2xx(result.status))
    return {
      reason: `A genuine event was not accepted: status ${result.status}.`,
      next: refusedNext(result.status),
    }
  if (effects === 0)
    return {
      reason: `A genuine event was answered ${result.status}, and the oracle saw no effect of it (${lab.effects?.oracle.describes}).`,
      next: 'Check that the oracle looks where this target acts, and give effect_ms more time where it acts late.',
    }
  return { answer: result }
}

const CERTIFICATE_NEXT =
  'Give it a certificate for its name; one of an authority of your own is accepted when NODE_EXTRA_CA_CERTS names that.'

function refusedNext(status: number): string {
  if (status === 404 || status === 405) return 'Check the path and the method.'
  if (status === 400 || status === 415 || status === 422)
    return 'Give an event of the kind this target expects: --body FILE and --type TYPE (event in a probe plan).'
  if (status === 401 || status === 403)
    return 'Check the secret, the scheme and, where the address is signed, public_url; the clocks of both sides must agree.'
  return 'Look at the target’s own log for why it refuses a genuine event. Where it expects events of another kind, give one: --body FILE and --type TYPE (event in a probe plan).'
}

/**
 * `silent`: acknowledged like any other, without an effect. `failed`: the target broke. `unsettled`: answered like
 * everything is, and nothing counts effects.
 */
export type Outcome = 'accepted' | 'refused' | 'silent' | 'failed' | 'unanswered' | 'unsettled'

export interface Judged {
  readonly outcome: Outcome
  readonly answer: Answer
  readonly status: number | undefined
  readonly effects: number | undefined
}

/** Sends one request and says what became of it. */
export async function attempt(baseline: Baseline, lab: Lab, request: ProbeRequest, eventId: string): Promise<Judged> {
  const { result, effects } = await observe(lab.effects, eventId, async () => await lab.send(request))
  return judge(baseline, result, effects)
}

export async function observe<T>(
  effects: Effects | undefined,
  eventId: string,
  action: () => Promise<T>,
): Promise<{ readonly result: T; readonly effects: number | undefined }> {
  return effects === undefined ? { result: await action(), effects: undefined } : await effects.during(eventId, action)
}

export function judge(baseline: Baseline, answer: Answer, effects: number | undefined): Judged {
  const status = answer.ok ? answer.status : undefined
  return { outcome: outcomeOf(baseline, answer, effects), answer, status, effects }
}

function outcomeOf({ accepted, indistinct }: Baseline, answer: Answer, effects: number | undefined): Outcome {
  if (effects !== undefined && effects > 0) return 'accepted'
  if (!answer.ok) return 'unanswered'
  if (answer.status >= 500) return 'failed'
  if (!is2xx(answer.status)) return 'refused'
  if (effects === 0) return 'silent'
  if (!isAlike(bodyShape(answer), accepted)) return 'refused'
  return indistinct ? 'unsettled' : 'accepted'
}

export function is2xx(status: number): boolean {
  return status >= 200 && status < 300
}
