/** Genuine events that name what is not the sender's: another tenant's ids, or the object next door. */
import { faulty, notApplicable, sound, unclear, type Verdict } from '../probe.ts'
import { attempt, type Judged } from '../webhook/baseline.ts'
import { readAt, setAt, type WebhookEvent } from '../webhook/kit.ts'
import { NEEDS_ORACLE, type WebhookProbe } from '../webhook/subject.ts'

export const otherTenantIds: WebhookProbe = {
  id: 'other-tenant-ids',
  title: 'A genuine event that names another tenant',
  controls: ['tenant-mapping', 'payload-object-scope'],
  proves: 'Whether the tenant follows from who signed, or from what the body says.',
  sends:
    'An event signed with this integration’s own secret, its fields holding ids of another tenant (`other_tenant.fields`).',
  reads: 'Refused, or no effect: sound. An effect: faulty.',
  limits: 'Needs ids of a second tenant, and an oracle that counts effects on either.',
  examples: { faulty: 'HTTP/1.1 200 · 1 effect', sound: 'HTTP/1.1 403' },
  async run({ kit, baseline, otherTenant }, lab) {
    const fields = Object.entries(otherTenant.fields)
    if (fields.length === 0) return notApplicable('No ids of another tenant were given (other_tenant.fields).')
    const event = fields.reduce<WebhookEvent>((made, [path, value]) => setAt(made, path, String(value)), kit.event())
    const judged = await attempt(baseline, lab, kit.sign(event), event.id)
    return scoped(judged, 'A genuine event that names another tenant', ['tenant-mapping', 'payload-object-scope'])
  },
}

export const sequentialIds: WebhookProbe = {
  id: 'sequential-ids',
  follows: ['other-tenant-ids'],
  title: 'A genuine event that names the object next door',
  controls: ['payload-object-scope'],
  proves: 'Whether ids in the payload are looked up inside the sender’s own scope.',
  sends: 'A validly signed event with the number in each of `object_ids` raised and lowered by one.',
  reads:
    'Refused, or no effect: sound. An effect: faulty, with little confidence, as the neighbour may be the sender’s own.',
  limits: 'Needs the places of object ids that end in a number.',
  examples: { faulty: 'order 1042 of somebody else · 1 effect', sound: 'HTTP/1.1 404' },
  async run({ kit, baseline, objectIds }, lab) {
    const verdicts: Verdict[] = []
    for (const path of objectIds) {
      for (const step of [1, -1]) {
        const event = kit.event()
        const neighbour = beside(readAt(event, path), step)
        if (neighbour === undefined) continue
        const changed = setAt(event, path, neighbour)
        const judged = await attempt(baseline, lab, kit.sign(changed), event.id)
        verdicts.push(
          ...scoped(
            judged,
            `A genuine event that names the object beside its own at ${path}`,
            ['payload-object-scope'],
            'low',
          ),
        )
      }
    }
    return verdicts.length > 0 ? verdicts : notApplicable('No places of numbered object ids were given (object_ids).')
  },
}

function beside(id: string | undefined, step: number): string | undefined {
  const [, head = '', digits] = /^(.*?)(\d{1,15})$/.exec(id ?? '') ?? []
  return digits === undefined ? undefined : head + String(Number(digits) + step).padStart(digits.length, '0')
}

function scoped(
  { outcome, status, effects, answer }: Judged,
  what: string,
  controls: readonly ('tenant-mapping' | 'payload-object-scope')[],
  confidence: Verdict['confidence'] = 'high',
): readonly Verdict[] {
  const each = (verdict: Verdict) => controls.map((control) => ({ ...verdict, control, seen: answer }))
  if (outcome === 'refused') return each(sound(`${what} was refused with ${status}.`))
  if (outcome === 'silent') return each(sound(`${what} was acknowledged and had no effect.`))
  if (effects !== undefined && effects > 0) return each(faulty(`${what} had its effect.`, { confidence }))
  if (outcome === 'failed')
    return each(unclear(`${what} makes the target answer ${status}.`, 'Look at the target’s log.'))
  return each(unclear(`${what} was answered ${status ?? 'not at all'}.`, NEEDS_ORACLE))
}
