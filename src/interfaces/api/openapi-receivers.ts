/**
 * The receivers as the description shows them, under `webhooks:`: one for each provider, with what its requests
 * carry and what they are answered. Made from the definitions that the receivers themselves interpret.
 */
import { coverageOfScheme } from '../../providers/compile.ts'
import { allowedMethods, type HttpMethod, type ProviderDefinition, type Scheme } from '../../providers/definition.ts'
import { PREFIX } from './fields.ts'

type Described = Record<string, unknown>

export function describeReceivers(providers: ReadonlyMap<string, ProviderDefinition>): Described {
  const definitions = [...providers.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  return Object.fromEntries(
    definitions.map((definition) => [
      definition.id,
      Object.fromEntries(
        allowedMethods(definition).map((method) => [method.toLowerCase(), describeOperation(definition, method)]),
      ),
    ]),
  )
}

function describeOperation(definition: ProviderDefinition, method: HttpMethod): Described {
  const brings = definition.methods.includes(method)
  const operationId = `receive-${definition.id}${method === 'POST' ? '' : `-${method.toLowerCase()}`}`
  return {
    operationId,
    summary: brings ? `An event from ${definition.name}` : `${definition.name} makes sure of the address`,
    description: definition.schemes.map(describeScheme).join('\n'),
    externalDocs: { url: definition.docs },
    tags: ['receivers'],
    'x-postern-paths': [`${PREFIX}/webhooks/${definition.id}`, `${PREFIX}/webhooks/${definition.id}/{integrationId}`],
    // The signature is in the request itself; there is no scheme of OpenAPI's for that.
    security: [],
    parameters: signatureHeaders(definition),
    ...(brings ? describeBody(definition) : {}),
    responses: brings ? answersOf(definition) : { '200': AS_DOCUMENTED, ...REFUSALS },
  }
}

function describeScheme(scheme: Scheme): string {
  const coverage = coverageOfScheme(scheme)
  switch (scheme.family) {
    case 'hmac':
    case 'hash':
    case 'asymmetric': {
      const signed = [...new Set(scheme.signed.flatMap(({ templates }) => templates))].map((each) => `\`${each}\``)
      const window =
        scheme.timestamp === undefined
          ? 'no signed time'
          : `at most ${scheme.timestamp.toleranceSeconds} seconds old or ahead`
      return `- ${scheme.name}: ${scheme.family} ${scheme.algorithm} over ${signed.join(' or ')}; covers ${coverage}; ${window}.`
    }
    case 'jwt':
      return `- ${scheme.name}: JSON Web Token (${scheme.algorithms.join(', ')}); covers ${coverage}.`
    default:
      return `- ${scheme.name}: ${scheme.weakness}`
  }
}

/** Required when every scheme of the provider has it, under no other name. */
function signatureHeaders(definition: ProviderDefinition): Described[] {
  const perScheme = definition.schemes.map(headersOf)
  const renamed = definition.schemes.some((scheme) => 'aliases' in scheme && scheme.aliases !== undefined)
  return [...new Set(perScheme.flat())].map((header) => ({
    name: header,
    in: 'header',
    required: !renamed && perScheme.every((headers) => headers.includes(header)),
    schema: { type: 'string' },
  }))
}

function headersOf(scheme: Scheme): string[] {
  switch (scheme.family) {
    case 'hmac':
    case 'hash':
    case 'asymmetric': {
      const { signature, timestamp, id } = scheme
      return [
        ...('header' in signature ? [signature.header] : []),
        ...(typeof timestamp?.in === 'object' && 'header' in timestamp.in ? [timestamp.in.header] : []),
        ...(id === undefined ? [] : [id.header]),
      ].map((header) => header.toLowerCase())
    }
    case 'token':
    case 'jwt': {
      const { token } = scheme
      const chosen = token.in === 'body' || ('nameSetting' in token && token.nameSetting !== undefined)
      // `Authorization` is no parameter to OpenAPI.
      if (chosen || token.in !== 'header' || token.name.toLowerCase() === 'authorization') return []
      return [token.name.toLowerCase()]
    }
    default:
      return []
  }
}

function describeBody(definition: ProviderDefinition): Described {
  const content: Described = {}
  for (const shape of definition.payload) {
    if (shape.kind === 'empty') continue
    if (shape.kind === 'form') {
      content['application/x-www-form-urlencoded'] = { schema: { type: 'object' } }
      continue
    }
    for (const type of shape.contentTypes ?? ['application/json']) {
      content[type] = { schema: shape.kind === 'json-object' ? { type: 'object' } : {} }
    }
  }
  return Object.keys(content).length === 0 ? {} : { requestBody: { required: true, content } }
}

/** A provider that wants another answer gets it, for a new event and for a copy alike. */
function answersOf({ answers }: ProviderDefinition): Described {
  return {
    ...(answers?.accepted === undefined ? ANSWERS : { [answers.accepted.status]: AS_DOCUMENTED }),
    ...REFUSALS,
    ...(answers?.unauthorized === undefined ? {} : { [answers.unauthorized.status]: AS_DOCUMENTED }),
  }
}

const AS_DOCUMENTED = { $ref: '#/components/responses/AsDocumented' }

const PROBLEM = { $ref: '#/components/responses/Problem' }

const REFUSALS = Object.fromEntries(
  ['400', '401', '404', '413', '415', '429', '503'].map((status) => [status, PROBLEM]),
)

const ANSWERS: Described = {
  '200': { $ref: '#/components/responses/Duplicate' },
  '202': { $ref: '#/components/responses/Accepted' },
}

/** Said once, and not by each of a hundred receivers. */
export const RECEIVER_RESPONSES = {
  Accepted: receipt('Committed. The provider may forget it.', ['accepted', 'parked'], false),
  Duplicate: receipt('A copy of an event that is already here.', ['duplicate'], true),
  AsDocumented: { description: 'What the provider expects, as its own documentation defines it.' },
}

function receipt(description: string, status: string[], duplicate: boolean) {
  return {
    description,
    content: {
      'application/json': {
        schema: {
          type: 'object' as const,
          required: ['eventId', 'status', 'duplicate', 'correlationId'],
          properties: {
            eventId: { type: 'string' as const },
            status: { type: 'string' as const, enum: status },
            duplicate: { type: 'boolean' as const, const: duplicate },
            correlationId: { type: 'string' as const },
          },
        },
      },
    },
  }
}
