/** Looking words of a manifest up: fields, sections, styles, and the keys that describe a surface. */
import { isSurfaceStyle, type SurfaceStyle } from '../../catalogue/surfaces.ts'
import { type Field, normaliseKey, SECTIONS } from './field.ts'
import { FIELDS } from './fields.ts'

/** Sections as people name them; a section's name never decides what a key means. */
const SECTION_SYNONYMS = [
  'auth',
  'authentication_session',
  'session',
  'message_security',
  'message',
  'messages',
  'integrity',
  'freshness',
  'resources',
  'limits',
  'destination',
  'destinations',
  'delivery',
  'outbound',
  'callback',
  'job',
  'result',
  'llm',
  'observability',
  'monitoring',
  'logging_monitoring',
  'controls',
  'security',
  'webhook_security',
  'authz',
  'idempotency_controls',
  'authentication',
  'idempotency',
  'duplicate_detection',
  'event_scope',
  'openapi',
  'signature',
  'replay',
  'retry',
  'handshake',
] as const

/** Keys that identify a surface or the review, beside those the reader itself looks for. */
export const DESCRIPTIVE_KEYS = [
  'case',
  'id',
  'name',
  'title',
  'description',
  'owner',
  'sensitivity',
  'data_sensitivity',
  'tags',
  'notes',
  'references',
  'reviewer',
  'date',
  'generated_by',
  'generated_at',
  'schema',
  'expected_decision',
  'expected_findings',
  'residual_risk',
  'message_schema',
  'provider',
  'framework',
  'event_name',
  'route',
  'environment',
  'repository',
  'service',
  'team',
  'decision',
] as const

const STYLE_SYNONYMS: Readonly<Record<string, SurfaceStyle>> = {
  http: 'rest',
  rest_api: 'rest',
  api: 'rest',
  rpc: 'grpc',
  graphql_query: 'graphql',
  graphql_mutation: 'graphql',
  graphql_subscription: 'graphql-subscription',
  subscription: 'graphql-subscription',
  ws: 'websocket',
  web_socket: 'websocket',
  websockets: 'websocket',
  socket_io: 'websocket',
  socketio: 'websocket',
  signalr: 'websocket',
  server_sent_events: 'sse',
  eventsource: 'sse',
  event_stream: 'sse',
  webhook_receiver: 'webhook',
  webhooks: 'webhook',
  inbound_webhook: 'webhook',
  outbound_callback: 'callback',
  outbound_webhook: 'callback',
  callbacks: 'callback',
  async_job: 'async-job',
  asyncjob: 'async-job',
  async: 'async-job',
  job: 'async-job',
  export: 'async-job',
  export_url: 'export-url',
  result_url: 'export-url',
  export_result_url: 'export-url',
  signed_url: 'export-url',
  llm_tool: 'llm-tool',
  llm: 'llm-tool',
  llm_endpoint: 'llm-tool',
  agent: 'llm-tool',
  mcp: 'llm-tool',
  state_changing_operation: 'operation',
  general: 'hybrid',
  mixed: 'hybrid',
}

const fieldsByName = new Map<string, Field>()
for (const field of FIELDS) {
  for (const name of field.names) {
    if (fieldsByName.has(name)) throw new Error(`the manifest key ${name} stands in the vocabulary twice`)
    fieldsByName.set(name, field)
  }
}

const sectionNames: ReadonlySet<string> = new Set<string>([...Object.keys(SECTIONS), ...SECTION_SYNONYMS])

export function fieldNamed(key: string): Field | undefined {
  return fieldsByName.get(normaliseKey(key))
}

export function isSectionName(key: string): boolean {
  return sectionNames.has(normaliseKey(key))
}

/** Every name that may stand in a surface: what a misspelt key is compared with. */
export function allNames(): Iterable<string> {
  return [...fieldsByName.keys(), ...sectionNames, ...DESCRIPTIVE_KEYS]
}

export function readStyle(text: string): SurfaceStyle | undefined {
  const key = normaliseKey(text)
  const kebab = key.replaceAll('_', '-')
  if (isSurfaceStyle(kebab)) return kebab
  return STYLE_SYNONYMS[key]
}

export function styleNames(): readonly string[] {
  return Object.keys(STYLE_SYNONYMS)
}
