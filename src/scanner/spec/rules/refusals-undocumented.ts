import type { ControlId } from '../../../catalogue/catalogue.ts'
import type { SpecSurface } from '../model.ts'
import { documents, headersOf, isLoginOperation } from '../questions.ts'
import { defineSpecRule } from './rule.ts'

export const refusalsUndocumented = defineSpecRule({
  id: 'refusals-undocumented',
  control: 'request-rate-limit',
  title: 'Refusals that matter here are not among the answers',
  severity: 'low',
  confidence: 'low',
  cwe: [770],
  owasp: ['API4', 'API8'],
  styles: ['webhook', 'rest', 'async-job'],
  fromSilence: true,
  why: 'A sender that does not expect 429 does not slow down, one that does not expect 413 sends again, and a receiver whose refusal of a bad signature is nowhere written often has none.',
  looksAt:
    'Receivers: 401, 413 and 429. Logins and the creation of jobs: 429. Uploads: 413. Operations with an idempotency key: 409 or 422.',
  fix: { any: 'Name the refusals with `Retry-After` where there is one, or let `4XX` or `default` stand for them.' },
  limits:
    'Other operations are left alone, and so are events under `webhooks:`, whose answers are somebody else’s. A status that is not documented may be given all the same.',
  when: (surface) => {
    const { operation } = surface
    if (operation.place !== 'path' || operation.answers.length === 0) return []
    const missing = expected(surface).filter(({ anyOf }) => !anyOf.some((status) => documents(operation, status)))
    const [first] = missing
    if (first === undefined) return []
    const list = missing.map(({ anyOf, why }) => `${anyOf.join(' or ')} (${why})`).join(', ')
    return [{ at: operation.at, control: first.control, message: `The answers do not include ${list}.` }]
  },
  bad: [
    {
      language: 'yaml',
      at: '    post:',
      says: 'The answers do not include 429 (too many).',
      code: `openapi: 3.0.3
info: { title: Accounts, version: 1.0.0 }
paths:
  /login:
    post:
      operationId: login
      responses: { '200': { description: a token }, '401': { description: wrong } }
`,
    },
  ],
  good: [
    {
      language: 'yaml',
      why: 'One answer stands for every refusal.',
      code: `openapi: 3.0.3
info: { title: Accounts, version: 1.0.0 }
paths:
  /login:
    post:
      operationId: login
      responses: { '200': { description: a token }, 4XX: { description: refused, with a reason } }
`,
    },
  ],
})

interface Expected {
  readonly anyOf: readonly string[]
  readonly why: string
  readonly control: ControlId
}

const LIMITED: Expected = { anyOf: ['429'], why: 'too many', control: 'request-rate-limit' }
const BOUNDED: Expected = { anyOf: ['413'], why: 'too large', control: 'body-size-limit' }
const REFUSED: Expected = { anyOf: ['401', '403'], why: 'not from the sender', control: 'sender-authentication' }
const CONFLICT: Expected = {
  anyOf: ['409', '422'],
  why: 'the key was used for something else',
  control: 'operation-replay-control',
}

function expected({ operation, style }: SpecSurface): readonly Expected[] {
  if (style === 'webhook') return [REFUSED, BOUNDED, LIMITED]
  if (style === 'async-job') return [LIMITED]
  const isUpload = operation.body?.types.some((type) =>
    /^multipart\/form-data$|octet-stream$|^(?:image|video|audio)\//.test(type),
  )
  const hasKey = headersOf(operation).some(({ name }) => /idempotency-?key/i.test(name))
  return [
    ...(isLoginOperation(operation) && operation.method === 'POST' ? [LIMITED] : []),
    ...(isUpload === true ? [BOUNDED] : []),
    ...(hasKey ? [CONFLICT] : []),
  ]
}
