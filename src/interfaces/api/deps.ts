/**
 * What the management surface is given: its resources, and the few questions it asks of other rooms.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { Authenticate } from '../../access/authenticate.ts'
import type { Said } from '../../alerts/send.ts'
import type { Uuid } from '../../base/model/ids.ts'
import type { Config } from '../../config/config.ts'
import type { TestDelivery } from '../../flow/delivery/test-delivery.ts'
import type { ReadableEvent } from '../../flow/processing/describe.ts'
import type { EventDocument } from '../../flow/processing/event-document.ts'
import type { Filters } from '../../flow/processing/filter.ts'
import type { Transforms } from '../../flow/processing/transform.ts'
import type { Preview } from '../../flow/replay/plan-replay.ts'
import type { ReplayRequest } from '../../flow/replay/request-replay.ts'
import type { Logger } from '../../observability/log.ts'
import type { Metrics } from '../../observability/metrics.ts'
import type { ProviderDefinition } from '../../providers/definition.ts'
import type { Secrets } from '../../resources/secrets/stored-secret.ts'
import type { Database } from '../../resources/store/database.ts'

export type Health = () => Promise<'ok' | 'degraded'>

export interface ApiDeps {
  readonly config: Pick<
    Config,
    | 'NODE_ENV'
    | 'POSTERN_MAX_BODY_BYTES'
    | 'POSTERN_RATE_LIMIT_PER_MINUTE'
    | 'POSTERN_EGRESS_PORTS'
    | 'POSTERN_EGRESS_HTTP'
    | 'POSTERN_REPLAY_COOLDOWN_SECONDS'
    | 'POSTERN_RETENTION_DAYS'
    | 'POSTERN_PAYLOAD_RETENTION_DAYS'
    | 'POSTERN_UNDELIVERED_RETENTION_DAYS'
    | 'POSTERN_DEDUPE_DAYS'
  >
  readonly db: Database
  readonly log: Logger
  readonly authenticate: Authenticate
  readonly secrets: Secrets
  readonly providers: ReadonlyMap<string, ProviderDefinition>
  readonly requestReplay: (request: ReplayRequest) => Promise<{ readonly replayId: Uuid }>
  /** What today’s routes would do with these events. */
  readonly previewRouting: Preview
  readonly filters: Filters
  readonly transforms: Pick<Transforms, 'compile' | 'run'>
  readonly documentOf: (event: ReadableEvent) => EventDocument
  /** Sends a test event there; `undefined` when the tenant has no such destination. */
  readonly testDestination: (tenantId: Uuid, destinationId: Uuid) => Promise<TestDelivery | undefined>
  /** Says something on that channel; `undefined` when the tenant has no such one. */
  readonly testAlertChannel: (tenantId: Uuid, channelId: Uuid) => Promise<Said | undefined>
  /** Awaited after every committed change of integrations or keys, so that this process knows it before it answers. */
  readonly integrationsChanged: () => Promise<void>
  readonly health: Health
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>
}

export type Api = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>
