import { bad, good } from './examples/secret-hardcoded.ts'
import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const secretHardcoded = defineRule({
  id: 'secret-hardcoded',
  control: 'secret-storage',
  title: 'The signing secret stands in the code',
  severity: 'high',
  confidence: 'high',
  cwe: [798],
  owasp: ['API8'],
  styles: ['webhook', 'callback', 'websocket', 'sse', 'async-job'],
  why: 'Whoever reads the repository, an image or a stack trace can sign requests. And a secret in code is never rotated, because a rotation would be a release.',
  looksAt:
    'Where the keys of signatures and the values of tokens come from: a text in the code, or a text that stands in when the environment has none.',
  fix: {
    any: 'Read it from the environment or a secret store, without a default, and rotate the one that was committed.',
    flask: "`os.environ['NAME']`.",
    django: "`os.environ['NAME']` in `settings.py`; not the value itself.",
    rails: '`Rails.application.credentials` or `ENV.fetch`.',
    laravel: "`env('NAME')` in `config/services.php`, and `config(…)` in the code.",
    spring: 'A placeholder without a default in `@Value`, and the value outside of the jar.',
  },
  limits: 'Only secrets that verify or sign are looked at; it is no search for secrets in general.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.checks
        .flatMap(({ secrets }) => secrets)
        .flatMap((secret) => {
          if (secret.from === 'literal' && (secret.literal ?? '').length >= 4)
            return [{ at: secret.at, message: `${named(secret.name)} is written in the code.` }]
          if (secret.fallback !== undefined && secret.fallback !== '')
            return [
              {
                at: secret.at,
                message: `${named(secret.name)} has a default in the code that is used when it is not set.`,
              },
            ]
          return []
        }),
    ),
  bad,
  good,
})

function named(name: string): string {
  return name === 'the key' ? 'The key of the signature' : name
}
