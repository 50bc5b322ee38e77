import { oncePerPlace } from './questions.ts'
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
  fix: {
    any: 'Take the subject from the caller’s identity, or ask whether the caller may read the one it names.',
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
            use.origins.some(({ kind }) => kind === 'path' || kind === 'query' || kind === 'header') &&
            use.reaches.some(
              ({ passed, guards }) =>
                !guards.includes('authorized') &&
                !passed.some(({ kind, name }) => kind === 'identity' && name === 'owner check'),
            ),
        )
        .map(({ at }) => ({
          at,
          message: 'The request names the subject of the stream and nothing compares it with the caller.',
        })),
    ).slice(0, 1),
})
