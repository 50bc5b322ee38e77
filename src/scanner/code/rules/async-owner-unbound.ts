import type { Reach } from '../flow/facts.ts'
import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const asyncOwnerUnbound = defineRule({
  id: 'async-owner-unbound',
  control: 'job-owner-binding',
  title: 'A job is shown or changed for whoever knows its id',
  severity: 'high',
  confidence: 'high',
  cwe: [639],
  owasp: ['API1'],
  styles: ['async-job', 'export-url'],
  why: 'Job ids are guessed, logged and shared. Without the owner in the question, status, result and cancel work for everybody.',
  fix: {
    any: 'Look the job up by id and owner, or compare the owner before answering.',
  },
  limits: 'An unguessable, signed, short-lived address is authorisation.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.uses
        .filter(
          (use) =>
            (use.kind === 'lookup' || use.kind === 'job-read') &&
            !use.guarded &&
            use.origins.some(({ kind }) => kind === 'path' || kind === 'query' || kind === 'parsed-body') &&
            use.reaches.some((reach) => !isBound(reach)),
        )
        .map(({ at, name }) => ({ at, message: `${name} finds the job by its id alone; nothing asks whose it is.` })),
    ).slice(0, 1),
})

function isBound({ passed, guards }: Reach): boolean {
  return (
    guards.includes('authorized') ||
    passed.some(({ kind, name }) => (kind === 'identity' && /owner|authori/.test(name)) || kind === 'capability')
  )
}
