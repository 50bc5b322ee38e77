import { effectsOf, isUnasked } from './questions.ts'
import { defineRule } from './rule.ts'

export const middlewareAfterRoute = defineRule({
  id: 'middleware-after-route',
  control: 'sender-authentication',
  title: 'The guard is registered after the route it should guard',
  severity: 'critical',
  confidence: 'high',
  cwe: [696, 306],
  owasp: ['API2', 'API8'],
  styles: ['webhook'],
  why: 'Middleware runs in the order it is registered: a verifier that stands below the route never runs for it.',
  fix: {
    any: 'Register the verifying middleware before the route, or on the route.',
  },
  limits: 'Error handlers and loggers may stand after the routes.',
  when: ({ facts }) =>
    effectsOf(facts).some(({ reaches }) => reaches.some(isUnasked))
      ? (facts.surface.tooLate ?? []).slice(0, 1).map(({ name, at, file }) => ({
          at: { file, ...at },
          message: `${name} is registered after this route and never runs for it.`,
        }))
      : [],
})
