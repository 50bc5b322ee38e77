import { bad, good } from './examples/signature-optional.ts'
import { effectsOrAnswers, isAuthenticated, isUnasked, oncePerPlace } from './questions.ts'
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
  why: 'An attacker leaves the header out. The branch that verifies is skipped and the request is treated as genuine.',
  looksAt:
    'Ways to an effect that exist because a header of the signature was absent or empty, and on which no other check of the sender was made.',
  fix: {
    any: 'Refuse a request without the signature header before anything else.',
    express: "`if (!req.get('x-signature')) return res.sendStatus(401)`.",
    flask: '`if not signature: abort(401)`.',
    fastapi: 'Declare the header without a default (`Header(...)`), so that its absence is an error.',
    go: 'An empty `r.Header.Get(…)` is a refusal, not another branch.',
    fastify: 'Declare the header as required in the schema of the route, or refuse it in the hook.',
    django: "`request.headers.get('X-Signature')` may be `None`: answer 401 then.",
    rails: '`head :unauthorized if signature.blank?`.',
    laravel: "`abort_unless($request->hasHeader('X-Signature'), 401)`.",
    spring: '`@RequestHeader` without `required = false`.',
  },
  limits: 'Answering a provider’s challenge without a signature is no effect.',
  when: ({ facts }) =>
    oncePerPlace(
      effectsOrAnswers(facts).flatMap(({ name, reaches, checkedAfter }, _, all) =>
        reaches
          // What is never done for those who were verified is done for somebody else.
          .filter(() => all.some((other) => other.name === name && other.reaches.some(isAuthenticated)))
          .filter((reach) => checkedAfter.length === 0 && !isAuthenticated(reach) && isUnasked(reach))
          // Without a secret nothing would have been verified, with the header or without.
          .filter((reach) => !reach.assumptions.some(({ kind }) => kind === 'secret-missing'))
          // The way through a `catch`: whatever broke there, it was not the check that was left out.
          .filter((reach) => !reach.assumptions.some(({ kind }) => kind === 'exception-swallowed'))
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
  bad,
  good,
})

function guarding(checks: readonly { readonly headers: readonly string[] }[]): readonly string[] {
  return checks.flatMap(({ headers }) => headers)
}
