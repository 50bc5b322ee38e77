import { effectsOf, isAuthenticated, isUnasked, oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const signatureOptional = defineRule({
  id: 'signature-optional',
  control: 'sender-authentication',
  title: 'The signature is checked only when it is there',
  severity: 'critical',
  confidence: 'high',
  cwe: [287, 636],
  owasp: ['API2', 'API10'],
  styles: ['webhook'],
  why: 'An attacker leaves the header out. The branch that verifies is then skipped and the request is treated as genuine.',
  fix: {
    any: 'Refuse a request without the signature header before anything else.',
  },
  limits: 'Answering a provider’s challenge without a signature is not an effect.',
  when: ({ facts }) =>
    oncePerPlace(
      effectsOf(facts).flatMap(({ name, reaches, checkedAfter }) =>
        reaches
          .filter((reach) => checkedAfter.length === 0 && !isAuthenticated(reach) && isUnasked(reach))
          .flatMap((reach) => {
            const missing = reach.assumptions.find(
              ({ kind, subject }) => kind === 'header-missing' && guarding(facts.checks).includes(subject),
            )
            return missing === undefined
              ? []
              : [
                  {
                    at: missing.at,
                    message: `Without the header ${missing.subject} nothing is verified and ${name} runs.`,
                  },
                ]
          }),
      ),
    ).slice(0, 1),
})

function guarding(checks: readonly { readonly headers: readonly string[] }[]): readonly string[] {
  return checks.flatMap(({ headers }) => headers)
}
