/** AsyncAPI 2 and 3: channels in, the common model out, seen from the application that is described. */
import type { Location } from '../../catalogue/evidence.ts'
import type { ManifestNode, MapEntry } from '../manifest/node.ts'
import type { Security, SpecDocument, SpecMessage, SpecOperation, SpecParameter, SpecServer } from './model.ts'
import { type ReadDocument, reasonOf } from './read-openapi.ts'
import { type Fields, type References, textOf } from './references.ts'
import { areKnown, readChannelSecurity, readSchemes } from './security.ts'
import { isLocal, serverOf } from './servers.ts'

export function readAsyncApi(references: References, version: string, at: Location): ReadDocument {
  return new AsyncApiReader(references, version).document(at)
}

interface NamedServer {
  readonly name: string
  readonly fields: Fields
  readonly server: SpecServer
}

/** One direction of a channel: what is taken in or given out, under which conditions. */
interface Direction {
  readonly takes: boolean
  readonly fields: Fields
  readonly messages: readonly MessageNode[]
  /** Of answers to them, where the operation names any. */
  readonly replies: readonly MessageNode[]
  readonly id: { readonly text: string; readonly at: Location } | undefined
}

interface MessageNode {
  readonly name: string
  readonly node: ManifestNode
  readonly at: Location
}

class AsyncApiReader {
  readonly #references: References
  readonly #version: string
  readonly #root: Fields
  readonly #elsewhere: SpecDocument['elsewhere'][number][] = []
  #servers: readonly NamedServer[] = []
  #schemes: SpecDocument['schemes'] = new Map()

  constructor(references: References, version: string) {
    this.#references = references
    this.#version = version
    this.#root = references.fields(references.root)
  }

  document(at: Location): ReadDocument {
    const references = this.#references
    this.#schemes = readSchemes(references, references.map(references.map(this.#root, 'components'), 'securitySchemes'))
    this.#servers = [...references.map(this.#root, 'servers').values()].flatMap((entry) => this.#server(entry))
    const directions = this.#version.startsWith('2') ? undefined : this.#operationsByChannel()
    return {
      family: 'asyncapi',
      version: this.#version,
      title: references.text(references.map(this.#root, 'info'), 'title') ?? '',
      at,
      servers: this.#servers.map(({ server }) => server),
      schemes: this.#schemes,
      schemesKnown: areKnown(references, this.#root),
      operations: [...references.map(this.#root, 'channels').values()].flatMap((entry) =>
        this.#channel(entry, directions),
      ),
      elsewhere: this.#elsewhere,
      references,
    }
  }

  #server(entry: MapEntry): readonly NamedServer[] {
    const references = this.#references
    const fields = references.mapOf(entry)
    const host = references.text(fields, 'host')
    const protocol = references.text(fields, 'protocol')?.toLowerCase()
    const url =
      references.text(fields, 'url') ??
      (host === undefined ? undefined : `${host}${references.text(fields, 'pathname') ?? ''}`)
    if (url === undefined) return []
    const variables = references.map(fields, 'variables')
    const filled = url.replace(/\{([^{}]*)\}/g, (whole, name: string) => {
      const variable = variables.get(name)
      return variable === undefined ? whole : (references.text(references.mapOf(variable), 'default') ?? whole)
    })
    const description = `${entry.key} ${references.text(fields, 'description') ?? ''}`.trim()
    const at = (fields.get('url') ?? fields.get('host'))?.keyAt ?? entry.keyAt
    return [{ name: entry.key, fields, server: serverOf(filled, description, at, protocol) }]
  }

  #channel(
    entry: MapEntry,
    directions: ReadonlyMap<ManifestNode, readonly Direction[]> | undefined,
  ): readonly SpecOperation[] {
    const references = this.#references
    const away = references.unreachable(entry.value)
    if (away !== undefined) {
      this.#elsewhere.push({ path: entry.key, reference: away.text, at: away.at })
      return []
    }
    const fields = references.mapOf(entry)
    const node = references.follow(entry.value)
    const all = [...references.map(fields, 'messages').values()].map(messageOf)
    const ways =
      directions === undefined
        ? this.#publishAndSubscribe(fields)
        : ((node === undefined ? undefined : directions.get(node)) ?? []).map((way) =>
            way.messages.length > 0 ? way : { ...way, messages: all },
          )
    const servers = this.#serversOf(fields)
    const messages = ways.length > 0 ? ways.flatMap((way) => way.messages) : all
    const texts = [fields, ...ways.map((way) => way.fields)].flatMap((one) =>
      ['operationId', 'summary', 'title', 'description'].flatMap((key) => references.text(one, key) ?? []),
    )
    return [
      {
        place: 'channel',
        method: '',
        path: references.text(fields, 'address') ?? entry.key,
        pathAt: entry.keyAt,
        at: entry.keyAt,
        operationId: ways.find(({ id }) => id !== undefined)?.id,
        words: texts.join(' \n'),
        security: this.#securityOf(ways, servers),
        parameters: [
          ...this.#handshakeParameters(fields),
          ...messages.flatMap(({ node: one }) => this.#headersOf(one)),
        ],
        body: this.#bodyOf(ways.filter(({ takes }) => takes).flatMap((way) => way.messages)),
        answers: [],
        callbacks: [],
        servers: servers.map(({ server }) => server),
        publicReason:
          reasonOf(fields) ?? ways.map((way) => reasonOf(way.fields)).find((reason) => reason !== undefined),
        takes: ways
          .filter(({ takes }) => takes)
          .flatMap((way) => way.messages.flatMap((one) => this.#message(one, way))),
        gives: ways
          .filter(({ takes }) => !takes)
          .flatMap((way) => way.messages.flatMap((one) => this.#message(one, way))),
      },
    ]
  }

  /** Version 2 is written from the client's side: what clients publish, the application takes in. */
  #publishAndSubscribe(channel: Fields): readonly Direction[] {
    const references = this.#references
    return (['publish', 'subscribe'] as const).flatMap((way) => {
      const entry = channel.get(way)
      if (entry === undefined) return []
      const fields = references.mapOf(entry)
      const message = fields.get('message')
      const choices = message === undefined ? [] : references.list(references.fields(message.value), 'oneOf')
      const messages =
        choices.length > 0
          ? choices.map((node) => ({ name: references.nameOf(node) ?? way, node, at: node.at }))
          : message === undefined
            ? []
            : [{ name: references.nameOf(message.value) ?? way, node: message.value, at: message.keyAt }]
      return [{ takes: way === 'publish', fields, messages, replies: [], id: idOf(fields) }]
    })
  }

  #operationsByChannel(): ReadonlyMap<ManifestNode, readonly Direction[]> {
    const references = this.#references
    const byChannel = new Map<ManifestNode, Direction[]>()
    for (const entry of references.map(this.#root, 'operations').values()) {
      const fields = references.mapOf(entry)
      const reference = fields.get('channel')
      const channel = reference === undefined ? undefined : references.follow(reference.value)
      if (channel === undefined) continue
      const messages = references.list(fields, 'messages').map((node) => ({
        name: references.nameOf(node) ?? entry.key,
        node,
        at: references.follow(node)?.at ?? node.at,
      }))
      const direction = {
        takes: references.text(fields, 'action') === 'receive',
        fields,
        messages,
        replies: this.#repliesOf(fields),
        id: { text: entry.key, at: entry.keyAt },
      }
      byChannel.set(channel, [...(byChannel.get(channel) ?? []), direction])
    }
    return byChannel
  }

  #serversOf(channel: Fields): readonly NamedServer[] {
    const references = this.#references
    const named = references.list(channel, 'servers').flatMap((node) => textOf(node) ?? references.nameOf(node) ?? [])
    return named.length === 0 ? this.#servers : this.#servers.filter(({ name }) => named.includes(name))
  }

  /** Of the operations, else of the first public server that demands less than the others. */
  #securityOf(ways: readonly Direction[], servers: readonly NamedServer[]): Security {
    const own = readChannelSecurity(
      this.#references,
      ways.map(({ fields }) => fields),
      this.#schemes,
    )
    if (own.is !== 'unstated') return own
    const reachable = servers.filter(({ server }) => !isLocal(server))
    const stated = (reachable.length > 0 ? reachable : servers).map(({ fields }) =>
      readChannelSecurity(this.#references, [new Map(), fields], this.#schemes),
    )
    return stated.find(({ is }) => is !== 'demanded') ?? stated[0] ?? own
  }

  /** What a client sends with the upgrade request. */
  #handshakeParameters(channel: Fields): readonly SpecParameter[] {
    const references = this.#references
    const ws = references.map(references.map(channel, 'bindings'), 'ws')
    return ['query', 'headers'].flatMap((part) =>
      this.#propertiesAsParameters(references.map(ws, part), part === 'query' ? 'query' : 'header'),
    )
  }

  #headersOf(message: ManifestNode): readonly SpecParameter[] {
    return this.#propertiesAsParameters(this.#references.map(this.#references.fields(message), 'headers'), 'header')
  }

  #propertiesAsParameters(schema: Fields, place: string): readonly SpecParameter[] {
    const references = this.#references
    const required = new Set(references.list(schema, 'required').map((node) => textOf(node)))
    return [...references.map(schema, 'properties').values()].map((entry) => ({
      in: place,
      name: entry.key,
      required: required.has(entry.key),
      description: references.text(references.fields(entry.value), 'description') ?? '',
      schema: entry.value,
      at: entry.keyAt,
    }))
  }

  #bodyOf(messages: readonly MessageNode[]): SpecOperation['body'] {
    const references = this.#references
    const schemas = messages.flatMap(({ node }) => references.fields(node).get('payload')?.value ?? [])
    if (schemas.length === 0) return undefined
    return { types: [], schemas, known: schemas.every((schema) => references.unreachable(schema) === undefined) }
  }

  /** @param way Of a message that is no answer to another: its direction, which may name its answers. */
  #message({ name, node, at }: MessageNode, way?: Direction): readonly SpecMessage[] {
    const references = this.#references
    if (references.unreachable(node) !== undefined) return []
    const fields = references.fields(node)
    const response = fields.get('x-response')
    const replies = way === undefined ? [] : [...way.replies, ...(response === undefined ? [] : [messageOf(response)])]
    const named = [way?.id?.text, name, ...['name', 'title', 'summary'].map((key) => references.text(fields, key))]
    const traits = references.list(fields, 'traits').some((trait) => references.unreachable(trait) !== undefined)
    return [
      {
        name: references.text(fields, 'name') ?? name,
        hasPayload: fields.has('payload') || traits,
        // Of version 2 the direction is the name of what has none; it says nothing of what a message is for.
        words: named.filter((text) => text !== undefined && text !== 'publish' && text !== 'subscribe').join(' \n'),
        role: references.text(fields, 'x-postern-role') ?? (way && references.text(way.fields, 'x-postern-role')),
        examples: this.#payloads(fields),
        replies: replies.flatMap((one) => this.#message(one)),
        at,
      },
    ]
  }

  /** Of the message, else of the schema of its payload. */
  #payloads(message: Fields): readonly ManifestNode[] {
    const references = this.#references
    const own = references
      .list(message, 'examples')
      .flatMap((one) => references.fields(one).get('payload')?.value ?? [])
    const schema = references.map(message, 'payload')
    const single = ['example', 'default'].flatMap((key) => schema.get(key)?.value ?? [])
    return [...own, ...references.list(schema, 'examples'), ...single]
  }

  #repliesOf(operation: Fields): readonly MessageNode[] {
    const references = this.#references
    const reply = references.map(operation, 'reply')
    const named = references.list(reply, 'messages')
    if (named.length > 0) return named.map((node) => ({ name: references.nameOf(node) ?? 'reply', node, at: node.at }))
    const channel = reply.get('channel')
    return channel === undefined
      ? []
      : [...references.map(references.fields(channel.value), 'messages').values()].map(messageOf)
  }
}

function messageOf({ key, keyAt, value }: MapEntry): MessageNode {
  return { name: key, node: value, at: keyAt }
}

function idOf(fields: Fields): Direction['id'] {
  const entry = fields.get('operationId')
  const text = textOf(entry?.value)
  return entry === undefined || text === undefined ? undefined : { text, at: entry.keyAt }
}
