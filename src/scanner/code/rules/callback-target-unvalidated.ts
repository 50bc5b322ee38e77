import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const callbackTargetUnvalidated = defineRule({
  id: 'callback-target-unvalidated',
  control: 'egress-guard',
  title: 'An address of the user’s choice is called unchecked',
  severity: 'high',
  confidence: 'high',
  cwe: [918],
  owasp: ['API7'],
  styles: ['callback', 'async-job'],
  why: 'A subscriber registers http://169.254.169.254/ or a name that points into the private network, and this server delivers there.',
  fix: {
    any: 'Resolve the host and refuse private, loopback and link-local addresses, when it is stored and again when it is called.',
  },
  limits: 'A fixed or proven host is fine. Checking only the scheme, or only literal addresses, is not a check.',
  when: ({ facts, style }) =>
    oncePerPlace([
      ...facts.uses
        .filter(
          (use) =>
            (use.kind === 'store-url' || use.kind === 'fetch') &&
            !use.guarded &&
            use.origins.some(({ kind }) => kind === 'parsed-body' || kind === 'stored' || kind === 'query'),
        )
        .map(({ at }) => ({
          at,
          ...(style === 'async-job' ? { control: 'callback-target-authorization' as const } : {}),
          message: 'An address that a user chose is stored or called without looking where it leads.',
        })),
    ]).slice(0, 1),
})
