/** Nuxt and Nitro: parts of a request are asked for by functions that take the event, which are there without import. */
import type { Called } from './called.ts'
import { bareCheck } from './checks.ts'
import type { Machine, Outcome } from './machine.ts'
import { header, IDENTITY, METHOD, PARSED, RAW } from './request-parts.ts'
import { parameter } from './requests.ts'
import type { State } from './state.ts'
import { textOf, type Value } from './value.ts'

export function eventHandlerCall(interpreter: Machine, called: Called, state: State): Outcome[] | undefined {
  if (interpreter.surface.framework !== 'nuxt' || called.object !== undefined) return undefined
  const { args, at, written } = called
  const one = (value: Value): Outcome[] => [{ state, value }]
  if (written === 'useRuntimeConfig') return one({ origins: [], role: 'settings', ref: 'settings' })
  if (args[0]?.role !== 'request') return undefined
  const name = textOf(args[1])
  switch (written) {
    case 'readRawBody':
      interpreter.record.reads(at)
      return one(RAW)
    case 'readValidatedBody':
      state.guard('schema-validated')
      interpreter.record.reads(at)
      return one(PARSED)
    case 'readBody':
    case 'readFormData':
    case 'readMultipartFormData':
      interpreter.record.reads(at)
      return one(PARSED)
    case 'getHeader':
    case 'getRequestHeader':
      return one(name === undefined ? { origins: [{ kind: 'header', name: '' }] } : header(interpreter, name))
    case 'getHeaders':
    case 'getRequestHeaders':
      return one({ origins: [], role: 'headers', ref: 'headers' })
    case 'getQuery':
    case 'getValidatedQuery':
      return one({ origins: [], role: 'query', ref: 'query' })
    case 'getRouterParams':
    case 'getValidatedRouterParams':
      return one({ origins: [], role: 'path', ref: 'path' })
    case 'getRouterParam':
      return one({ origins: [parameter('path', name ?? '')], symbol: `path:${name ?? ''}` })
    case 'parseCookies':
      return one({ origins: [], role: 'cookies', ref: 'cookies' })
    case 'getCookie':
      return one({ origins: [parameter('cookies', name ?? '')], symbol: `cookies:${name ?? ''}` })
    case 'getMethod':
      return one(METHOD)
    case 'toWebRequest':
      return one(args[0])
    case 'getRequestURL':
      return one({ origins: [{ kind: 'url' }], role: 'request', ref: 'request.url' })
    case 'requireUserSession':
    case 'requireAuth': {
      const check = interpreter.record.check(bareCheck('identity', written, at))
      state.ask(check)
      state.pass(check)
      return one({ ...IDENTITY, role: 'session', ref: 'session' })
    }
    case 'getUserSession':
    case 'getServerSession':
    case 'serverSupabaseUser':
      return one({ ...IDENTITY, role: 'session', ref: 'session' })
    default:
      return undefined
  }
}
