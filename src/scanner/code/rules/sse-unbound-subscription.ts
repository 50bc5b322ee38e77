import type { SurfaceFacts } from '../flow/facts.ts'
import { bad, good } from './examples/sse-unbound-subscription.ts'
import { inHandler, isExposed, oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const sseUnboundSubscription = defineRule({
  id: 'sse-unbound-subscription',
  control: 'subscription-binding',
  title: 'The client names whose events it gets',
  severity: 'high',
  confidence: 'high',
  cwe: [639, 862],
  owasp: ['API1'],
  styles: ['sse'],
  why: 'A path, query or header names the channel, user or order whose events are streamed. Whoever changes the id reads somebody else’s.',
  looksAt:
    'What the stream’s subject was chosen by, and whether it was compared with the caller or is the caller’s own.',
  fix: {
    any: 'Take the subject from the caller’s identity, or ask whether the caller may read the one it names.',
    express: 'Build the name of the channel from `req.user.id`; for an order, load it by id and owner first.',
    fastapi: 'Take the user from the dependency instead of the path.',
  },
  limits: 'Public streams whose subject is nobody’s are fine.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.uses
        .filter(
          (use) =>
            (use.kind === 'response' || use.kind === 'lookup') &&
            (use.detail === 'subscribe' || use.kind === 'lookup') &&
            !use.guarded &&
            !(use.kind === 'lookup' && (isMadeForCaller(facts) || !isExposed(facts))) &&
            use.origins.some(
              (origin) =>
                origin.kind === 'path' ||
                origin.kind === 'query' ||
                origin.kind === 'header' ||
                // A stream that answers a POST has its subject in the body, beside what was asked.
                (origin.kind === 'parsed-body' && SUBJECT.test(origin.path)),
            ) &&
            use.reaches.some(
              ({ passed, guards }) =>
                !guards.includes('authorized') &&
                !passed.some(({ kind, name }) => kind === 'identity' && /owner|authori|role/.test(name)),
            ),
        )
        .map((use) => ({
          at: inHandler(use, facts),
          message: 'The request names the subject of the stream and nothing compares it with the caller.',
        })),
    ).slice(0, 1),
  bad,
  good,
})

/** What feeds the stream is told who asks: what the address names is a kind of answer, or is judged there. */
function isMadeForCaller({ effects }: SurfaceFacts): boolean {
  return effects.some(({ uses }) => uses.some(({ kind }) => kind === 'identity'))
}

const SUBJECT =
  /(?:^|\.)(?:tenant|user|account|org(?:anization)?|workspace|team|customer|project|conversation|chat|thread|session|channel|room)_?id(?:\.|$)/i
