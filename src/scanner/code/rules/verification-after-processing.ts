import { effectsOf, isAuthenticated, isUnasked, provesSender } from './questions.ts'
import { defineRule } from './rule.ts'

export const verificationAfterProcessing = defineRule({
  id: 'verification-after-processing',
  control: 'verify-before-effect',
  title: 'Something happens before the sender is verified',
  severity: 'high',
  confidence: 'high',
  cwe: [696, 345],
  owasp: ['API2', 'API10'],
  styles: ['webhook'],
  why: 'What runs before the check runs for everybody: a forged request is answered with 401 after it has had its effect.',
  fix: {
    any: 'Verify first; nothing but reading the body and headers stands before it.',
  },
  limits: 'Logging, metrics and keeping the raw event for later are not effects.',
  when: ({ facts }) => {
    const early = effectsOf(facts).filter(
      ({ reaches, checkedAfter }) =>
        checkedAfter.some(provesSender) && reaches.some((reach) => isUnasked(reach) && !isAuthenticated(reach)),
    )
    return early.slice(0, 1).map(({ at, name, checkedAfter }) => ({
      at,
      message: `${name} runs before ${checkedAfter[0]?.name ?? 'the verification'} has said who sent this.`,
      trace: checkedAfter.slice(0, 1).map((check) => ({ ...check.at, message: 'The sender is verified only here.' })),
    }))
  },
})
