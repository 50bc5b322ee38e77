import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const algorithmFromRequest = defineRule({
  id: 'algorithm-from-request',
  control: 'algorithm-pinning',
  title: 'The sender chooses the algorithm',
  severity: 'high',
  confidence: 'high',
  cwe: [757, 347],
  owasp: ['API2'],
  styles: ['webhook'],
  why: 'Whoever may name the algorithm names the weakest one that is accepted, or none.',
  fix: {
    any: 'Fix the algorithm in the code, one per scheme version.',
  },
  limits: 'A version prefix that selects among fixed verifiers is fine.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.digests
        .filter(({ keyed, algorithmFrom }) => keyed && algorithmFrom.length > 0)
        .map(({ at }) => ({ at, message: 'The algorithm of the signature comes from the request.' })),
    ),
})
