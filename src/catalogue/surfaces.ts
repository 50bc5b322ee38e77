/**
 * The kinds of back gate that can be reviewed, and the facts about one that decide which controls apply.
 *
 * A trait is a fact about the surface ("a cookie authenticates it"), never a virtue: evidence says whether a
 * control is there, traits say whether it is needed. An undefined trait is unknown, which is not the same as no.
 */

export const SURFACE_STYLES = {
  rest: { label: 'REST', unit: 'path and method', inventory: ['route_table', 'openapi', 'gateway_config'] },
  graphql: { label: 'GraphQL', unit: 'operation and resolver', inventory: ['graphql_schema', 'persisted_queries'] },
  'graphql-subscription': {
    label: 'GraphQL subscription',
    unit: 'subscription and its transport',
    inventory: ['graphql_schema', 'subscription_transport'],
  },
  grpc: {
    label: 'gRPC',
    unit: 'service, method and streaming mode',
    inventory: ['proto', 'interceptors', 'mesh_policy'],
  },
  websocket: {
    label: 'WebSocket',
    unit: 'namespace, event and room',
    inventory: ['websocket_route_table', 'gateway_config', 'route_table'],
  },
  sse: { label: 'SSE', unit: 'stream path and event filter', inventory: ['route_table', 'gateway_config'] },
  webhook: { label: 'Webhook', unit: 'provider, path and event type', inventory: ['webhook_registry', 'route_table'] },
  callback: {
    label: 'Callback',
    unit: 'subscription, destination and event scope',
    inventory: ['destination_registry', 'delivery_worker', 'callback_docs'],
  },
  'async-job': {
    label: 'Async Job',
    unit: 'create, status, cancel, worker, callback and result',
    inventory: ['worker_manifest', 'broker_topics', 'queue_config'],
  },
  'export-url': {
    label: 'Export URL',
    unit: 'issue and fetch of a result address',
    inventory: ['storage_config', 'bucket_policy'],
  },
  'llm-tool': { label: 'LLM tool', unit: 'tool or agent endpoint', inventory: ['tool_registry', 'route_table'] },
  operation: {
    label: 'Operation',
    unit: 'one state-changing operation and its side effect',
    inventory: ['route_table', 'graphql_schema', 'webhook_registry'],
  },
  hybrid: { label: 'Hybrid', unit: 'several of the above', inventory: ['route_table', 'gateway_config'] },
} as const satisfies Record<string, { label: string; unit: string; inventory: readonly string[] }>

export type SurfaceStyle = keyof typeof SURFACE_STYLES

export const TRAITS = {
  cookieAuth: 'a cookie authenticates the request or handshake',
  browserClients: 'browsers connect to it',
  publicDeclared: 'it is declared public',
  publicWithReason: 'it is declared public with a written reason',
  readOnly: 'it changes no state and accepts no commands',
  hasCancel: 'a job can be cancelled',
  hasCallback: 'it calls an address that a client registered',
  hasResultUrl: 'results are fetched through an issued address',
  clientKey: 'clients send an idempotency key',
  eventDriven: 'a provider’s event starts it',
  signedProvider: 'the provider signs its requests',
  mutualTls: 'client certificates authenticate the caller',
  hasRooms: 'clients join rooms, channels or topics',
  multiTenant: 'several tenants share it',
  fetchesPayloadUrls: 'it fetches addresses found in the payload',
} as const

export type Trait = keyof typeof TRAITS
export type Traits = Readonly<Partial<Record<Trait, boolean>>>

export function isSurfaceStyle(text: string): text is SurfaceStyle {
  return Object.hasOwn(SURFACE_STYLES, text)
}
