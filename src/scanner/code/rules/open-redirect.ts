import { bad, good } from './examples/open-redirect.ts'
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
  why: 'A link to this host leads to the attacker’s: phishing under your name, and tokens that follow the redirect.',
  looksAt: 'Targets of redirects that come from the query, the body or a header.',
  fix: {
    any: 'Redirect to paths of your own, or to hosts on a list.',
    django: '`url_has_allowed_host_and_scheme` before `redirect`.',
    rails: '`redirect_to` without `allow_other_host: true`, or `url_from`.',
    express: 'Look the target up in a table by a short name.',
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
  bad,
  good,
})
