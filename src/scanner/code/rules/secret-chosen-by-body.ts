import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const secretChosenByBody = defineRule({
  id: 'secret-chosen-by-body',
  control: 'sender-identity-binding',
  title: 'The unverified body chooses the secret',
  severity: 'high',
  confidence: 'high',
  cwe: [290, 345],
  owasp: ['API2', 'API10'],
  styles: ['webhook'],
  why: 'An attacker who is a customer too names his own account in the body, signs with his own secret, and speaks for the tenant the rest of the body names.',
  fix: {
    any: 'Let the address of the endpoint (a path segment per integration) choose the secret, and compare the tenant in the body with it afterwards.',
  },
  limits: 'A path parameter may choose the secret.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.checks.flatMap((check) =>
        check.secrets
          .filter((secret) => (secret.chosenBy ?? []).some(({ kind }) => kind === 'parsed-body'))
          .map((secret) => ({
            at: secret.at,
            message: `${secret.name} is chosen by a field of the body before the body is verified.`,
            trace: [{ ...check.at, message: 'It is used to verify here.' }],
          })),
      ),
    ).slice(0, 1),
})
