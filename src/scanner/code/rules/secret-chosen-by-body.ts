import { bad, good } from './examples/secret-chosen-by-body.ts'
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
  why: 'An attacker who is a customer too names his own account in the body, signs with his own secret, and speaks for the tenant whom the rest of the body names.',
  looksAt: 'What the secret was looked up by, before anything was verified.',
  fix: {
    any: 'Let the address choose the secret, with one path per integration, and compare the tenant in the body with it afterwards.',
    express: '`/hooks/:integrationId` and `req.params.integrationId`.',
    flask: '`/hooks/<integration_id>`.',
    fastapi: '`/hooks/{integration_id}`.',
  },
  limits: 'A path parameter may choose the secret. Schemes that put a key id into a signed header are fine.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.checks.flatMap((check) =>
        check.secrets
          .filter((secret) => (secret.chosenBy ?? []).some(({ kind }) => kind === 'parsed-body'))
          .map((secret) => ({
            at: secret.at,
            message: 'The secret is looked up by a field of the body, before the body is verified.',
            trace: [{ ...check.at, message: 'It is used to verify here.' }],
          })),
      ),
    ).slice(0, 1),
  bad,
  good,
})
