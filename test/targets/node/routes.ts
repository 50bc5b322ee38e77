/** The service's routes, for whichever framework serves them; paths with `:names`. */
import { login, logout, setRole } from './access.ts'
import { cancelJob, createJob, download, jobResult, jobStatus, setCallback } from './jobs.ts'
import { limited, setLimit } from './limits.ts'
import { showOrder } from './orders.ts'
import { countEffects } from './store.ts'
import { type Call, fault, type Handler } from './twin.ts'
import { receive } from './webhook.ts'

const EVERY_METHOD = ['POST', 'GET', 'PUT', 'PATCH', 'DELETE'] as const

export interface Route {
  readonly methods: readonly string[]
  readonly path: string
  readonly handler: Handler
}

const PLAIN: readonly Route[] = [
  { methods: fault('any-method') ? EVERY_METHOD : ['POST'], path: '/webhooks/stripe', handler: receive },
  { methods: ['GET'], path: '/_effects', handler: showEffects },
  { methods: ['POST'], path: '/_role', handler: setRole },
  { methods: ['POST'], path: '/_limit', handler: setLimit },
  { methods: ['POST'], path: '/login', handler: login },
  { methods: ['POST'], path: '/logout', handler: logout },
  { methods: fault('rest-methods') ? [...EVERY_METHOD, 'TRACE'] : ['GET'], path: '/orders/:id', handler: showOrder },
  { methods: ['POST'], path: '/jobs', handler: createJob },
  { methods: ['GET'], path: '/jobs/:id', handler: jobStatus },
  { methods: ['POST'], path: '/jobs/:id/cancel', handler: cancelJob },
  { methods: ['PUT'], path: '/jobs/:id/callback', handler: setCallback },
  { methods: ['GET'], path: '/jobs/:id/result', handler: jobResult },
  { methods: ['GET'], path: '/downloads/:token', handler: download },
]

export const ROUTES: readonly Route[] = PLAIN.map((route) => ({
  ...route,
  handler: limited(route.path, route.handler),
}))

function showEffects(call: Call) {
  return { status: 200, value: { count: countEffects(call.query.get('id'), call.query.get('account')) } }
}
