import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const errorLeak = defineRule({
  id: 'error-leak',
  control: 'error-disclosure',
  title: 'The answer tells what went wrong inside',
  severity: 'low',
  confidence: 'high',
  cwe: [209],
  owasp: ['API8'],
  styles: ['webhook', 'rest', 'async-job', 'websocket', 'sse', 'callback'],
  why: 'Text and stack of an internal error tell an attacker about paths, queries, versions and why a signature was not right.',
  fix: {
    any: 'Log the error under an id and answer with the id.',
  },
  limits: 'An error class of the application whose text is written for the caller is fine.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.uses
        .filter(({ kind }) => kind === 'leak')
        .map(({ at, detail }) => ({
          at,
          message:
            detail === 'digest'
              ? 'The answer to a refused request holds the signature that was expected.'
              : 'The answer holds the text of an internal error.',
          ...(detail === 'digest' ? { severity: 'high' as const } : {}),
        })),
    ),
})
