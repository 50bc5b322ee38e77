/**
 * The description of the interface, made from the routes themselves: what is not in a schema is not in the document,
 * and what the document says is what is checked. `openapi.json` in the repository is this, byte for byte.
 */
import { STATUS_CODES } from 'node:http'
import swagger from '@fastify/swagger'
import type { RouteOptions } from 'fastify'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import { KEY_HEADER } from '../../access/authenticate.ts'
import { PROBLEM_TYPE } from '../../base/lib/problem.ts'
import { ERROR_CODES } from '../../base/model/errors.ts'
import type { ProviderDefinition } from '../../providers/definition.ts'
import type { Api } from './deps.ts'
import { describeReceivers, RECEIVER_RESPONSES, receiverSchemes } from './openapi-receivers.ts'

/** Of the interface, not of the program: grows when something a client relies on changes. */
const INTERFACE_VERSION = '1.0.0'

type Document = Record<string, unknown>

/** Collects every route that is added later and serves the description at `/openapi.json`. */
export async function describeApi(app: Api, providers: ReadonlyMap<string, ProviderDefinition>): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Postern',
        version: INTERFACE_VERSION,
        description:
          'Receives webhooks, proves who sent them, keeps them and delivers them. Errors are RFC 9457 problem documents.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      // Beside the gateway that served it, wherever that is.
      servers: [{ url: '/' }],
      components: {
        securitySchemes: {
          managementKey: { type: 'apiKey', in: 'header', name: KEY_HEADER, description: 'The root management key.' },
        },
        schemas: { Problem: PROBLEM_SCHEMA },
        responses: { Problem: PROBLEM_RESPONSE, ...RECEIVER_RESPONSES },
      },
    },
    transform: (input) => {
      const { schema, url } = jsonSchemaTransform(input)
      return { schema: { ...schema, ...accessOf(input.route) }, url }
    },
  })

  // Made once: it is public, and making it costs more than answering it.
  let rendered: Buffer | undefined
  const publicReason = 'The description of the interface, the same for everybody and in the repository.'
  app.get(
    '/openapi.json',
    { config: { access: 'public', publicReason }, schema: { hide: true } },
    async (_request, reply) => {
      rendered ??= Buffer.from(renderDescription(app, providers))
      return reply.header('content-type', 'application/json').send(rendered)
    },
  )
}

/** @returns The same bytes for the same routes and providers, whenever and wherever it is made. */
export function renderDescription(app: Api, providers: ReadonlyMap<string, ProviderDefinition>): string {
  const document: Document = Object(app.swagger())
  const described = {
    ...document,
    components: withSchemes(Object(document['components']), receiverSchemes(providers)),
    paths: withProblems(Object(document['paths'])),
    webhooks: describeReceivers(providers),
  }
  return `${JSON.stringify(described, withoutSafeIntegerBounds, 2)}\n`
}

function withSchemes(components: Document, schemes: Document): Document {
  return { ...components, securitySchemes: { ...Object(components['securitySchemes']), ...schemes } }
}

/** Zod says of every integer that it lies in the range a double holds exactly; that is no news to a reader. */
function withoutSafeIntegerBounds(key: string, value: unknown): unknown {
  if (key === 'minimum' && value === Number.MIN_SAFE_INTEGER) return undefined
  return key === 'maximum' && value === Number.MAX_SAFE_INTEGER ? undefined : value
}

function accessOf({ config }: RouteOptions): Document {
  const access = config?.access
  const reason = config?.publicReason
  if (access === undefined || access === 'public')
    return { security: [], ...(reason === undefined ? {} : { 'x-public-allowlist-reason': reason }) }
  return { security: [{ managementKey: [] }], 'x-postern-scope': access }
}

/** Names the refusals each operation can give beside its answers. */
function withProblems(paths: Document): Document {
  const operations = (path: string, item: object) =>
    Object.fromEntries(Object.entries(item).map(([method, operation]) => [method, withRefusals(path, operation)]))
  return Object.fromEntries(
    Object.keys(paths)
      .sort()
      .map((path) => [path, operations(path, Object(paths[path]))]),
  )
}

function withRefusals(path: string, operation: Document): Document {
  const open = Array.isArray(operation['security']) && operation['security'].length === 0
  const statuses = [
    ...('requestBody' in operation || 'parameters' in operation ? ['400'] : []),
    ...(open ? [] : ['401', '403']),
    ...(path.includes('{') && !open ? ['404'] : []),
    ...('requestBody' in operation ? ['413', '415'] : []),
    'default',
  ]
  const answers = Object.entries<Document>(Object(operation['responses'])).map(([status, answer]) => [
    status,
    answer['description'] === UNNAMED ? { ...answer, description: STATUS_CODES[status] ?? status } : answer,
  ])
  const refusals = statuses.map((status) => [status, PROBLEM_REF])
  return { ...operation, responses: { ...Object.fromEntries(answers), ...Object.fromEntries(refusals) } }
}

/** What the generator calls an answer that has no description of its own. */
const UNNAMED = 'Default Response'

const PROBLEM_REF = { $ref: '#/components/responses/Problem' }

const PROBLEM_SCHEMA = {
  type: 'object' as const,
  required: ['type', 'title', 'status', 'code', 'detail', 'correlationId', 'errors'],
  properties: {
    type: { type: 'string' as const, format: 'uri-reference' },
    title: { type: 'string' as const },
    status: { type: 'integer' as const },
    code: { type: 'string' as const, enum: Object.keys(ERROR_CODES) },
    detail: { type: 'string' as const },
    correlationId: { type: 'string' as const },
    errors: {
      type: 'array' as const,
      items: {
        type: 'object' as const,
        required: ['path', 'message'],
        properties: { path: { type: 'string' as const }, message: { type: 'string' as const } },
      },
    },
  },
}

const PROBLEM_RESPONSE = {
  description: 'Refused, or not possible now. 429 and 503 name in Retry-After when to ask again.',
  content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
}
