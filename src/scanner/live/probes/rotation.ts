/** The other secrets of an integration: one that is active too, and one that no longer is. */
import { faulty, notApplicable, sound, unclear, type Verdict } from '../probe.ts'
import { attempt } from '../webhook/baseline.ts'
import type { WebhookProbe } from '../webhook/subject.ts'

export const rotation: WebhookProbe = {
  id: 'rotation',
  title: 'Events signed with the second and with the retired secret',
  controls: ['secret-rotation'],
  follows: ['unsigned', 'wrong-key'],
  proves: 'Whether a secret can be changed without losing events, and whether the old one then stops working.',
  sends:
    'An event signed with `rotation.also`, which must be active, and one signed with `rotation.retired`, which must not.',
  reads: 'The first accepted and the second refused: sound. Otherwise: faulty.',
  limits: 'Needs these secrets; with one of them only half is known.',
  examples: { faulty: 'retired: HTTP/1.1 200', sound: 'also: HTTP/1.1 200 · retired: HTTP/1.1 401' },
  async run({ kit, baseline, rotation: { also, retired } }, lab) {
    if (also === undefined && retired === undefined)
      return notApplicable('No other secrets of this integration were given (rotation).')
    const verdicts: Verdict[] = []
    const signedWith = async (key: string) => {
      const event = kit.event()
      return await attempt(baseline, lab, kit.sign(event, { key }), event.id)
    }
    if (also !== undefined) {
      const { outcome, status } = await signedWith(also)
      verdicts.push(
        outcome === 'accepted'
          ? sound('Two secrets are active at a time.', retired === undefined ? { confidence: 'medium' } : {})
          : faulty(`The second active secret is not accepted (status ${status ?? 'none'}).`),
      )
    }
    if (retired !== undefined) {
      const { outcome, status } = await signedWith(retired)
      verdicts.push(
        outcome === 'accepted'
          ? faulty('A retired secret is still accepted.', { severity: 'high' })
          : outcome === 'refused' || outcome === 'silent'
            ? sound(`A retired secret is refused with ${status}.`, also === undefined ? { confidence: 'medium' } : {})
            : unclear(`A retired secret was answered ${status ?? 'not at all'}.`, 'Look at the target’s log.'),
      )
    }
    return verdicts
  },
}
