/** A description as the rules see it: one shape for OpenAPI 2.0 to 3.2 and AsyncAPI 2 and 3. */
import type { Location } from '../../catalogue/evidence.ts'
import type { SurfaceStyle } from '../../catalogue/surfaces.ts'
import type { ManifestNode, Problem } from '../manifest/node.ts'
import type { References } from './references.ts'

export interface SpecDocument {
  readonly family: 'openapi' | 'asyncapi'
  /** As written, such as `3.1.0`. */
  readonly version: string
  readonly title: string
  /** Where it says what it is. */
  readonly at: Location
  readonly servers: readonly SpecServer[]
  readonly schemes: ReadonlyMap<string, SecurityScheme>
  /** False where they stand in a file that was not read. */
  readonly schemesKnown: boolean
  readonly operations: readonly SpecOperation[]
  /** Parts of the interface that stand elsewhere, so that nothing is known of them but their address. */
  readonly elsewhere: readonly { readonly path: string; readonly reference: string; readonly at: Location }[]
  readonly references: References
  /** Wrong types and references that lead nowhere. */
  readonly remarks: readonly Problem[]
}

export interface SpecServer {
  /** With the defaults of its variables filled in. */
  readonly url: string
  /** Lower case, without the colon: `https`, `wss`, `kafka`; empty for an address relative to the document. */
  readonly protocol: string
  readonly host: string
  /** Path below which the operations lie; empty or beginning with a slash, never ending with one. */
  readonly base: string
  readonly description: string
  readonly at: Location
}

export interface SecurityScheme {
  readonly name: string
  /** As OpenAPI 3 and AsyncAPI name it: `http`, `apiKey`, `oauth2`, `mutualTLS`, `httpApiKey`, `scramSha256` … */
  readonly type: string
  /** `header`, `query`, `cookie`, `user`, `password`; empty where the type has none. */
  readonly in: string
  /** Name of the header, cookie or parameter. */
  readonly parameter: string
  /** Of `http`: `bearer`, `basic` … lower case. */
  readonly scheme: string
  readonly bearerFormat: string
  readonly description: string
  readonly at: Location
}

export interface DemandedScheme {
  readonly name: string
  /** `undefined` when the document does not define it. */
  readonly scheme: SecurityScheme | undefined
  readonly at: Location
}

export interface Security {
  /**
   * `unstated`: neither the operation nor the document says anything. `none`: it says that none is needed.
   * `optional`: a credential may be left out. `demanded`: one of the alternatives is needed.
   */
  readonly is: 'unstated' | 'none' | 'optional' | 'demanded'
  /** Whether the operation says so itself, rather than the document for all. */
  readonly own: boolean
  readonly alternatives: readonly (readonly DemandedScheme[])[]
  readonly at: Location | undefined
}

export interface SpecParameter {
  readonly in: string
  readonly name: string
  readonly required: boolean
  readonly description: string
  readonly schema: ManifestNode | undefined
  /** A value that is written down beside the schema. */
  readonly example?: ManifestNode | undefined
  readonly at: Location
}

export interface SpecBody {
  /** Media types, lower case, without parameters. */
  readonly types: readonly string[]
  readonly schemas: readonly ManifestNode[]
  /** False where a schema stands elsewhere or none is given: its fields are unknown then. */
  readonly known: boolean
}

export interface SpecAnswer {
  /** As written: `200`, `4XX`, `default`. */
  readonly status: string
  readonly headers: readonly string[]
  readonly types: readonly string[]
  readonly schemas: readonly ManifestNode[]
  /** Operations that its links lead to. */
  readonly links: readonly string[]
  readonly at: Location
}

export interface SpecMessage {
  readonly name: string
  readonly hasPayload: boolean
  /** Names and summaries of itself and its operation, in one text. */
  readonly words: string
  /** What it is for in a script of messages, where the document says so (`x-postern-role`). */
  readonly role: string | undefined
  /** Payloads that are written down. */
  readonly examples: readonly ManifestNode[]
  readonly replies: readonly SpecMessage[]
  readonly at: Location
}

export interface SpecOperation {
  /** Where it stands: an own path, an event that is announced, a call back to a client, or an AsyncAPI channel. */
  readonly place: 'path' | 'webhook' | 'callback' | 'channel'
  /** Upper case; empty for channels. */
  readonly method: string
  /** The path template, the name of the webhook, the expression of the callback or the address of the channel. */
  readonly path: string
  /** Where the path is written. */
  readonly pathAt: Location
  readonly at: Location
  readonly operationId: { readonly text: string; readonly at: Location } | undefined
  /** Id, summary, description and tags in one text. */
  readonly words: string
  readonly security: Security
  readonly parameters: readonly SpecParameter[]
  readonly body: SpecBody | undefined
  readonly answers: readonly SpecAnswer[]
  readonly callbacks: readonly SpecOperation[]
  /** Of the operation or channel itself, or of its document. */
  readonly servers: readonly SpecServer[]
  /** Written reason why it is public. */
  readonly publicReason: string | undefined
  /** Of an event that is announced: the path of our own that receives it, where the document says so. */
  readonly receivedAt?: string
  /** Of a callback: the operation that starts it. */
  readonly parent?: SpecOperation
  /** Of a channel: the messages that the application takes in and gives out. */
  readonly takes?: readonly SpecMessage[]
  readonly gives?: readonly SpecMessage[]
}

/** An operation and what it is: code or a probe beside the document may know better than its words. */
export interface SpecSurface {
  readonly operation: SpecOperation
  readonly style: SurfaceStyle
  readonly document: SpecDocument
}
