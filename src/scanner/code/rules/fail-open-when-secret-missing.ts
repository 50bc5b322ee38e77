import type { Reach } from '../flow/facts.ts'
import { bad, good } from './examples/fail-open-when-secret-missing.ts'
import { effectsOrAnswers, isAuthenticated, oncePerPlace, provesSender, WHAT_FOLLOWS } from './questions.ts'
import { defineRule } from './rule.ts'

export const failOpenWhenSecretMissing = defineRule({
  id: 'fail-open-when-secret-missing',
  control: 'fail-closed',
  title: 'Without a configured secret everything is accepted',
  severity: 'high',
  confidence: 'high',
  cwe: [636, 1188],
  owasp: ['API8', 'API10'],
  styles: ['webhook'],
  why: 'A deployment loses one environment variable, or runs under another stage’s name, and silently stops verifying. A key that is empty when nothing is set is a key that everybody has.',
  looksAt:
    'Ways to an effect that exist because a secret is missing or because of the name of the environment; secrets whose default is empty; comparisons that hold when neither side has a value.',
  fix: {
    any: 'Read the secret at start and stop without it. Refuse the request when it is empty, in every environment.',
    express: '`if (!secret) throw new Error(…)` where the application is built.',
    flask: "`os.environ['NAME']` instead of `os.environ.get('NAME', '')`.",
    fastapi: 'Give the field of the settings class no default.',
    django: "`os.environ['NAME']` in `settings.py`.",
    go: '`log.Fatal` at start when `os.Getenv` returns nothing.',
    rails: "`ENV.fetch('NAME')` instead of `ENV['NAME']`.",
    spring: 'A placeholder without a default in `@Value`, and the value outside of the jar.',
  },
  limits:
    'Code that fails when the secret is missing is closed and no finding: `createHmac` of undefined, `os.environ[…]`, `None.encode()`.',
  when: ({ facts }) => {
    // Where nothing verifies, nothing is skipped: what is not set is for something else.
    // What is only fetched again, is so in every stage.
    const verifies = facts.checks.some((check) => provesSender(check) && check.kind !== 'refetch')
    const skipped = effectsOrAnswers(facts).flatMap(({ name, reaches }) =>
      reaches
        .filter((reach) => !(name === WHAT_FOLLOWS && isCaught(reach)))
        .filter((reach) => !isAuthenticated(reach) || isOnlyRefetched(reach, reaches))
        .flatMap((reach) => {
          const refused = reach.failed.some(provesSender)
          const reason = reach.assumptions.find(
            ({ kind, subject }) =>
              (kind === 'secret-missing' && !refused) ||
              (kind === 'environment' &&
                ((!refused && verifies) || reaches.some(isAuthenticated)) &&
                !decidesNothing(subject, reach, reaches)),
          )
          return reason === undefined
            ? []
            : [
                {
                  at: reason.at,
                  message:
                    reason.kind === 'secret-missing'
                      ? `When ${reason.subject} is not set, nothing is verified and ${name} runs.`
                      : `Whether the sender is verified depends on ${stageOf(reason.subject)}; ${name} runs either way.`,
                },
              ]
        }),
    )
    const open = facts.checks.flatMap((check) =>
      check.openWithout.map((secret) => ({
        at: secret.fallback === '' ? secret.at : check.at,
        message:
          secret.fallback === ''
            ? `${secret.name} is empty when it is not set, and an empty key is known to everybody.`
            : `When ${secret.name} is not set and nothing is sent, both sides are equal and the check passes.`,
        trace: [{ ...check.at, message: 'It is compared here.' }],
      })),
    )
    return oncePerPlace([...open, ...skipped]).slice(0, 1)
  },
  bad,
  good,
})

/** An answer after something went wrong is a refusal, or an apology. */
function isCaught({ assumptions }: Reach): boolean {
  return assumptions.some(({ kind }) => kind === 'exception-swallowed')
}

/** `NODE_ENV = production` is said by its name, what has none in words. */
function stageOf(subject: string): string {
  const [first = 'the environment'] = subject.split(' ')
  return first === 'the' ? 'the deployment stage' : first
}

/** It is so where the sender is verified, too: something else decides, such as a header that is not there. */
function decidesNothing(subject: string, { assumptions }: Reach, reaches: readonly Reach[]): boolean {
  const verified = reaches.filter(isAuthenticated)
  const holds = (reach: Reach): boolean =>
    reach.assumptions.some((one) => one.kind === 'environment' && one.subject === subject)
  return assumptions.some(({ kind }) => kind === 'header-missing')
    ? verified.some(holds)
    : verified.length > 0 && verified.every(holds)
}

/** Other ways to it are verified; on this one a record that the event names was fetched, and the rest is believed. */
function isOnlyRefetched({ passed }: Reach, reaches: readonly Reach[]): boolean {
  const proofs = passed.filter(provesSender)
  return (
    proofs.every(({ kind }) => kind === 'refetch') &&
    reaches.some((other) => other.passed.some(({ kind }) => kind === 'signature' || kind === 'verifier'))
  )
}
