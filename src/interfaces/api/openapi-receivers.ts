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
    security: brings ? demandedSchemes(definition) : [],
    parameters: [...signatureHeaders(definition), ...(brings ? idHeader(definition) : [])],
    ...(brings ? describeBody(definition) : {}),
    responses: brings ? answersOf(definition) : { '200': AS_DOCUMENTED, ...REFUSALS },
  }
}

/**
 * What each scheme shows in a header, in the query or as a certificate, as a scheme of OpenAPI's. What stands in the
 * body, or is asked back from the provider, has no counterpart there and is told in words.
 */
export function receiverSchemes(providers: ReadonlyMap<string, ProviderDefinition>): Described {
  return Object.fromEntries(
    [...providers.values()].flatMap((definition) =>
      definition.schemes.flatMap((scheme) => {
        const shown = securityScheme(scheme)
        return shown === undefined
          ? []
          : [[schemeId(definition, scheme), { ...shown, description: describeScheme(scheme).slice(2) }]]
      }),
    ),
  )
}

/** The integration's scheme is one of them; nothing is demanded where one of them cannot be told. */
function demandedSchemes(definition: ProviderDefinition): Described[] {
  const told = definition.schemes.filter((scheme) => securityScheme(scheme) !== undefined)
  return told.length < definition.schemes.length ? [] : told.map((scheme) => ({ [schemeId(definition, scheme)]: [] }))
}

function schemeId(definition: ProviderDefinition, scheme: Scheme): string {
  return `${definition.id}.${scheme.name}`
}

function securityScheme(scheme: Scheme): Described | undefined {
  switch (scheme.family) {
    case 'mtls':
      return { type: 'mutualTLS' }
    case 'basic':
      return { type: 'http', scheme: 'basic' }
    case 'jwt':
    case 'token': {
      const { token } = scheme
      if (token.in === 'body') return undefined
      if (token.name.toLowerCase() !== 'authorization')
        return { type: 'apiKey', in: token.in, name: token.in === 'header' ? token.name.toLowerCase() : token.name }
      return { type: 'http', scheme: 'bearer', ...(scheme.family === 'jwt' ? { bearerFormat: 'JWT' } : {}) }
    }
    case 'hmac':
    case 'hash':
    case 'asymmetric': {
      const [header] = headersOf(scheme)
      return header === undefined || !('header' in scheme.signature)
        ? undefined
        : { type: 'apiKey', in: 'header', name: header }
    }
    default:
      return undefined
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
      return `- ${scheme.name}: JSON Web Token (${scheme.algorithms.join(', ')}); covers ${coverage}; its claims hold its time.`
    default:
      return `- ${scheme.name}: ${scheme.weakness} There is no signed time.`
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
    ...describedHeader(definition, header),
    schema: { type: 'string' },
  }))
}

function describedHeader({ schemes }: ProviderDefinition, header: string): Described {
  const using = schemes.filter((scheme) => headersOf(scheme).includes(header))
  const texts = [
    ...(using.length < schemes.length
      ? [`Needed where the scheme is ${using.map(({ name }) => name).join(' or ')}.`]
      : []),
    ...(using.some((scheme) => carriesTime(scheme, header)) ? ['Carries the signed time, too.'] : []),
  ]
  return texts.length === 0 ? {} : { description: texts.join(' ') }
}

function carriesTime(scheme: Scheme, header: string): boolean {
  if (scheme.family === 'jwt') return headersOf(scheme).includes(header)
  return (
    'timestamp' in scheme &&
    scheme.timestamp?.in === 'signature' &&
    'header' in scheme.signature &&
    scheme.signature.header.toLowerCase() === header
  )
}

/** By which a copy is known, where it stands in a header that is not among those of the signature. */
function idHeader(definition: ProviderDefinition): Described[] {
  const names = (definition.event.id ?? '').split(/ [|+] /).flatMap((source) => /^header:(.+)$/.exec(source)?.[1] ?? [])
  const known = new Set(definition.schemes.flatMap(headersOf))
  return [...new Set(names.map((name) => name.toLowerCase()))]
    .filter((name) => !known.has(name))
    .map((name) => ({
      name,
      in: 'header',
      required: false,
      description: 'Tells one delivery from the next.',
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
      content['application/x-www-form-urlencoded'] = { schema: withMembers(definition) }
      continue
    }
    for (const type of shape.contentTypes ?? ['application/json']) {
      content[type] = { schema: shape.kind === 'json-object' ? withMembers(definition) : {} }
    }
  }
  return Object.keys(content).length === 0 ? {} : { requestBody: { required: true, content } }
}

/** The members of the body that the receiver itself reads: the signed time, and what tells one event from the next. */
function withMembers({ schemes, event }: ProviderDefinition): Described {
  const times = schemes.flatMap((scheme) =>
    'timestamp' in scheme && typeof scheme.timestamp?.in === 'object' && 'body' in scheme.timestamp.in
      ? scheme.timestamp.in.body
      : [],
  )
  const ids = (event.id ?? '').split(/ [|+] /).flatMap((source) => /^body:(.+)$/.exec(source)?.[1] ?? [])
  const members = [
    ...times.map((path) => ({ path, description: 'The signed time.' })),
    ...ids.map((path) => ({ path, description: 'Tells one event from the next.' })),
  ]
  return members.reduce<Described>(
    (schema, { path, description }) => {
      const names = /^\$((?:\.[\w-]+)+)$/.exec(path)?.[1]?.slice(1).split('.')
      return names === undefined ? schema : withMember(schema, names, { description })
    },
    { type: 'object' },
  )
}

function withMember(schema: Described, [name, ...inner]: readonly string[], leaf: Described): Described {
  if (name === undefined) return leaf
  const properties: Described = Object(schema['properties'])
  const below: Described = Object(properties[name] ?? (inner.length === 0 ? {} : { type: 'object' }))
  return { ...schema, properties: { ...properties, [name]: withMember(below, inner, leaf) } }
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
