/** OpenAPI 2.0, 3.0, 3.1 and 3.2: a tree of references in, the common model out. */
import type { Location } from '../../catalogue/evidence.ts'
import type { ManifestNode, MapEntry, MapNode } from '../manifest/node.ts'
import type { SpecAnswer, SpecBody, SpecDocument, SpecOperation, SpecParameter, SpecServer } from './model.ts'
import { type Fields, isTrue, type References, textOf } from './references.ts'
import { areKnown, readSchemes, readSecurity } from './security.ts'
import { describedServer, serverOf } from './servers.ts'

const METHODS: ReadonlySet<string> = new Set([
  'get',
  'put',
  'post',
  'delete',
  'options',
  'head',
  'patch',
  'trace',
  'query',
])

export type ReadDocument = Omit<SpecDocument, 'remarks'>

export function readOpenApi(references: References, version: string, at: Location): ReadDocument {
  return new OpenApiReader(references, version).document(at)
}

class OpenApiReader {
  readonly #references: References
  readonly #version: string
  readonly #isSwagger: boolean
  readonly #root: Fields
  readonly #elsewhere: SpecDocument['elsewhere'][number][] = []
  #servers: readonly SpecServer[] = []
  #schemes: SpecDocument['schemes'] = new Map()

  constructor(references: References, version: string) {
    this.#references = references
    this.#version = version
    this.#isSwagger = version.startsWith('2')
    this.#root = references.fields(references.root)
  }

  document(at: Location): ReadDocument {
    const references = this.#references
    this.#servers = this.#isSwagger ? this.#swaggerServers() : this.#serversOf(this.#root, at)
    const components = references.map(this.#root, 'components')
    this.#schemes = readSchemes(
      references,
      this.#isSwagger
        ? references.map(this.#root, 'securityDefinitions')
        : references.map(components, 'securitySchemes'),
    )
    const operations = [
      ...[...references.map(this.#root, 'paths').values()]
        .filter(({ key }) => !key.startsWith('x-'))
        .flatMap((entry) => this.#pathItem(entry, 'path')),
      ...[...references.map(this.#root, 'webhooks').values()].flatMap((entry) => this.#webhook(entry)),
    ]
    return {
      family: 'openapi',
      version: this.#version,
      title: references.text(references.map(this.#root, 'info'), 'title') ?? '',
      at,
      servers: this.#servers,
      schemes: this.#schemes,
      schemesKnown: areKnown(references, this.#root),
      operations,
      elsewhere: this.#elsewhere,
      references,
    }
  }

  /** One for each path of ours that receives it: several senders may announce one event. */
  #webhook(entry: MapEntry): readonly SpecOperation[] {
    const paths = receivingPaths(this.#references, entry)
    const operations = this.#pathItem(entry, 'webhook')
    return paths.length === 0
      ? operations
      : paths.flatMap((receivedAt) => operations.map((operation) => ({ ...operation, receivedAt })))
  }

  #pathItem(entry: MapEntry, place: SpecOperation['place'], parent?: SpecOperation): readonly SpecOperation[] {
    const references = this.#references
    const away = references.unreachable(entry.value)
    if (away !== undefined) {
      this.#elsewhere.push({ path: entry.key, reference: away.text, at: away.at })
      return []
    }
    const item = references.mapOf(entry)
    const shared = this.#parameters(item)
    const servers = item.has('servers') ? this.#serversOf(item, entry.keyAt) : undefined
    const methods = [
      ...[...item.values()].filter(({ key }) => METHODS.has(key)),
      ...references.map(item, 'additionalOperations').values(),
    ]
    return methods.map((method) => this.#operation(entry, method, { place, item, shared, servers, parent }))
  }

  #operation(
    path: MapEntry,
    method: MapEntry,
    around: {
      readonly place: SpecOperation['place']
      readonly item: Fields
      readonly shared: readonly SpecParameter[]
      readonly servers: readonly SpecServer[] | undefined
      readonly parent: SpecOperation | undefined
    },
  ): SpecOperation {
    const references = this.#references
    const fields = references.mapOf(method)
    const own = this.#parameters(fields)
    const taken = new Set(own.map(({ in: place, name }) => `${place}\n${name}`))
    const parameters = [...own, ...around.shared.filter(({ in: place, name }) => !taken.has(`${place}\n${name}`))]
    const id = fields.get('operationId')
    const idText = textOf(id?.value)
    const operation: SpecOperation = {
      place: around.place,
      method: method.key.toUpperCase(),
      path: path.key,
      pathAt: path.keyAt,
      at: method.keyAt,
      operationId: id === undefined || idText === undefined ? undefined : { text: idText, at: id.keyAt },
      words: this.#words(fields, around.item),
      security: readSecurity(references, fields, this.#root, this.#schemes),
      parameters: parameters.filter((parameter) => parameter.in !== 'body' && parameter.in !== 'formData'),
      body: this.#isSwagger ? this.#swaggerBody(fields, parameters) : this.#body(fields),
      answers: [...references.map(fields, 'responses').values()]
        .filter(({ key }) => !key.startsWith('x-'))
        .map((answer) => this.#answer(answer, fields)),
      callbacks: [],
      servers: fields.has('servers') ? this.#serversOf(fields, method.keyAt) : (around.servers ?? this.#servers),
      publicReason: reasonOf(fields) ?? reasonOf(around.item),
      ...(around.parent === undefined ? {} : { parent: around.parent }),
    }
    // A callback of a callback is somebody else's interface.
    return around.parent === undefined ? { ...operation, callbacks: this.#callbacks(fields, operation) } : operation
  }

  #callbacks(fields: Fields, parent: SpecOperation): readonly SpecOperation[] {
    const references = this.#references
    return [...references.map(fields, 'callbacks').values()]
      .flatMap((named) => [...references.mapOf(named).values()])
      .filter(({ key }) => !key.startsWith('x-'))
      .flatMap((expression) => this.#pathItem(expression, 'callback', parent))
  }

  #words(fields: Fields, item: Fields): string {
    const references = this.#references
    const tags = references.list(fields, 'tags').flatMap((tag) => textOf(tag) ?? [])
    const texts = ['operationId', 'summary', 'description'].flatMap((key) => references.text(fields, key) ?? [])
    const shared = ['summary', 'description'].flatMap((key) => references.text(item, key) ?? [])
    return [...texts, ...shared, ...tags].join(' \n')
  }

  #parameters(fields: Fields): readonly SpecParameter[] {
    const references = this.#references
    return references.list(fields, 'parameters').flatMap((node) => {
      const parameter = references.fields(node)
      const name = references.text(parameter, 'name')
      const place = references.text(parameter, 'in')
      if (name === undefined || place === undefined) return []
      return {
        in: place,
        name,
        required: isTrue(parameter.get('required')?.value),
        description: references.text(parameter, 'description') ?? '',
        schema: parameter.get('schema')?.value ?? (this.#isSwagger ? node : undefined),
        example: this.#example(parameter),
        at: node.at,
      }
    })
  }

  #example(parameter: Fields): ManifestNode | undefined {
    const [named] = [...this.#references.map(parameter, 'examples').values()]
    const written = parameter.get('example') ?? parameter.get('x-example')
    return written?.value ?? (named === undefined ? undefined : this.#references.mapOf(named).get('value')?.value)
  }

  #body(fields: Fields): SpecBody | undefined {
    const references = this.#references
    const entry = fields.get('requestBody')
    if (entry === undefined) return undefined
    if (references.unreachable(entry.value) !== undefined) return { types: [], schemas: [], known: false }
    const media = [...references.map(references.mapOf(entry), 'content').values()]
    return bodyOf(references, media)
  }

  #swaggerBody(fields: Fields, parameters: readonly SpecParameter[]): SpecBody | undefined {
    const references = this.#references
    const schemas = parameters.filter((one) => one.in === 'body').flatMap(({ schema }) => schema ?? [])
    const form = parameters.filter((one) => one.in === 'formData')
    if (schemas.length + form.length === 0) return undefined
    const consumes = fields.has('consumes') ? fields : this.#root
    const types = references.list(consumes, 'consumes').flatMap((node) => mediaType(textOf(node) ?? ''))
    const fromForm = formSchema(form)
    return {
      types,
      schemas: [...schemas, ...fromForm],
      known: schemas.every((schema) => references.unreachable(schema) === undefined),
    }
  }

  #answer(entry: MapEntry, operation: Fields): SpecAnswer {
    const references = this.#references
    const answer = references.mapOf(entry)
    const media = [...references.map(answer, 'content').values()]
    const swaggerSchema = this.#isSwagger ? answer.get('schema')?.value : undefined
    const produces = operation.has('produces') ? operation : this.#root
    return {
      status: entry.key.toUpperCase() === 'DEFAULT' ? 'default' : entry.key.toUpperCase(),
      headers: [...references.map(answer, 'headers').keys()].map((name) => name.toLowerCase()),
      types: this.#isSwagger
        ? references.list(produces, 'produces').flatMap((node) => mediaType(textOf(node) ?? ''))
        : media.flatMap(({ key }) => mediaType(key)),
      schemas: [
        ...(swaggerSchema === undefined ? [] : [swaggerSchema]),
        ...media.flatMap((one) => schemasOf(references, one)),
      ],
      links: [...references.map(answer, 'links').values()].flatMap((link) => {
        const fields = references.mapOf(link)
        return references.text(fields, 'operationId') ?? references.text(fields, 'operationRef') ?? []
      }),
      at: entry.keyAt,
    }
  }

  #serversOf(fields: Fields, at: Location): readonly SpecServer[] {
    const references = this.#references
    return references.list(fields, 'servers').flatMap((node) => {
      const server = references.fields(node)
      const url = references.text(server, 'url')
      if (url === undefined) return []
      const variables = references.map(server, 'variables')
      const filled = url.replace(/\{([^{}]*)\}/g, (whole, name: string) => {
        const variable = variables.get(name)
        return variable === undefined ? whole : (references.text(references.mapOf(variable), 'default') ?? whole)
      })
      const described = `${references.text(server, 'name') ?? ''} ${references.text(server, 'description') ?? ''}`
      return serverOf(filled, described.trim(), server.get('url')?.keyAt ?? at)
    })
  }

  /** Host and schemes stand apart in 2.0: a server for each scheme, at the scheme's own line. */
  #swaggerServers(): readonly SpecServer[] {
    const references = this.#references
    const host = references.text(this.#root, 'host') ?? ''
    const base = references.text(this.#root, 'basePath') ?? ''
    const schemes = references.list(this.#root, 'schemes').flatMap((node) => {
      const text = textOf(node)
      return text === undefined ? [] : [{ text: text.toLowerCase(), at: node.at }]
    })
    const at = this.#root.get('basePath')?.keyAt ?? references.root.at
    if (schemes.length === 0) return [describedServer({ protocol: '', host, path: base, description: '', at })]
    return schemes.map((scheme) =>
      describedServer({ protocol: scheme.text, host, path: base, description: '', at: scheme.at }),
    )
  }
}

function bodyOf(references: References, media: readonly MapEntry[]): SpecBody {
  const schemas = media.flatMap((one) => schemasOf(references, one))
  return {
    types: media.flatMap(({ key }) => mediaType(key)),
    schemas,
    known: schemas.length > 0 && schemas.every((schema) => references.unreachable(schema) === undefined),
  }
}

function schemasOf(references: References, media: MapEntry): readonly ManifestNode[] {
  const fields = references.mapOf(media)
  return ['schema', 'itemSchema'].flatMap((key) => fields.get(key)?.value ?? [])
}

/** The fields of a form, as one schema. */
function formSchema(parameters: readonly SpecParameter[]): readonly ManifestNode[] {
  const [first] = parameters
  if (first === undefined) return []
  const entries = parameters.flatMap(({ name, at, schema }) =>
    schema === undefined ? [] : [{ key: name, keyAt: at, value: schema }],
  )
  const properties: MapNode = { kind: 'map', entries, at: first.at }
  return [{ kind: 'map', entries: [{ key: 'properties', keyAt: first.at, value: properties }], at: first.at }]
}

function mediaType(text: string): string {
  return (text.split(';')[0] ?? '').trim().toLowerCase()
}

/** `x-postern-paths`; else a name that is a path itself. */
function receivingPaths(references: References, entry: MapEntry): readonly string[] {
  const stated = references.list(references.mapOf(entry), 'x-postern-paths').flatMap((node) => textOf(node) ?? [])
  const paths = [...new Set(stated.filter((path) => path.startsWith('/')))]
  return paths.length === 0 && entry.key.startsWith('/') ? [entry.key] : paths
}

const REASONS = ['x-public-allowlist-reason', 'x-public-reason', 'publicAllowlistReason', 'x-public-access-reason']

export function reasonOf(fields: Fields): string | undefined {
  for (const key of REASONS) {
    const text = textOf(fields.get(key)?.value)?.trim()
    if (text !== undefined && text !== '') return text
  }
  return undefined
}
