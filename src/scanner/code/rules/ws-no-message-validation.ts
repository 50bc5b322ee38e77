import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const wsNoMessageValidation = defineRule({
  id: 'ws-no-message-validation',
  control: 'message-schema-validation',
  title: 'A message is used without looking at its shape',
  severity: 'medium',
  confidence: 'medium',
  cwe: [20],
  owasp: ['API4', 'API8'],
  styles: ['websocket'],
  why: 'Messages of the wrong shape crash the handler, or reach queries and calls as objects where a text was meant.',
  fix: {
    any: 'Parse every message with a schema and drop what does not fit.',
  },
  limits: 'Type checks by hand count.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.effects
        .filter(
          ({ uses, reaches }) =>
            uses.some((origin) => origin.kind === 'message' && origin.name !== '') &&
            reaches.some(({ guards }) => !guards.includes('schema-validated') && !guards.includes('value-compared')),
        )
        .map(({ at, name }) => ({ at, message: `${name} takes fields of the message as they came.` })),
    ).slice(0, 1),
})
