import { bad, good } from './examples/middleware-after-route.ts'
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
  why: 'Middleware runs in the order in which it is registered. A verifier that stands below the route never runs for it.',
  looksAt:
    'The order in which routes and the middleware that verifies are registered on the application and its routers.',
  fix: {
    any: 'Register the verifying middleware before the route, or on the route.',
    express: 'Move `app.use(verify)` above the route, or pass it as the route’s second argument.',
    koa: '`app.use(verify)` before `app.use(router.routes())`.',
    hono: '`app.use(verify)` above the route.',
  },
  limits:
    'Error handlers and loggers may stand after the routes. Fastify’s hooks reach routes that were registered before them.',
  when: ({ facts }) =>
    effectsOf(facts).some(({ reaches }) => reaches.some(isUnasked))
      ? (facts.surface.tooLate ?? []).slice(0, 1).map(({ name, at, file }) => ({
          at: { file, ...at },
          message: `${name} is registered after this route and never runs for it.`,
        }))
      : [],
  bad,
  good,
})
