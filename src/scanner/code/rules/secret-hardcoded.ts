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
  styles: ['webhook', 'callback'],
  why: 'Whoever reads the repository, a build or a stack trace can sign requests; and a secret in code is rotated never.',
  fix: {
    any: 'Read it from the environment or a secret store and rotate the one that was committed.',
  },
  limits: 'Only secrets that verify or sign are looked at.',
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
})

function named(name: string): string {
  return name === 'the key' ? 'The key of the signature' : name
}
