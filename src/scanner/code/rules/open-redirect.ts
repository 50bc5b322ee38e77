import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const openRedirect = defineRule({
  id: 'open-redirect',
  control: 'redirect-target-guard',
  title: 'The request names where the answer sends the browser',
  severity: 'medium',
  confidence: 'high',
  cwe: [601],
  owasp: ['API8'],
  styles: ['webhook', 'rest', 'callback', 'export-url'],
  why: 'A link to this host leads to the attacker’s: phishing with your name in the address bar, and tokens that follow the redirect.',
  fix: {
    any: 'Redirect to paths of your own, or to hosts on a list.',
  },
  limits: 'A target that is compared with a list or checked by a validator is fine.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.uses
        .filter(
          (use) =>
            use.kind === 'redirect' &&
            !use.guarded &&
            use.origins.some(({ kind }) => kind === 'parsed-body' || kind === 'query' || kind === 'header'),
        )
        .map(({ at, name }) => ({ at, message: `${name} sends the browser to an address from the request.` })),
    ),
})
