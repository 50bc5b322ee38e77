/**
 * Every integration that may receive, in memory with its verifier prepared: a request never waits for the
 * database to learn that it is not wanted, and a guessed id costs as little as a wrong path.
 *
 * Refreshed when the database says that something changed, and every few seconds in case that was missed.
 * A row that cannot be made ready (unknown provider, key that does not open) refuses its traffic with 503 and
 * says so in the log; it never falls back to accepting.
 */
import { LRUCache } from 'lru-cache'
import { compileJsonSchema, type SchemaCheck } from '../../base/lib/json-schema.ts'
import type { SchemaPolicy } from '../../base/model/event-schema.ts'
import { DEFAULT_TENANT, publicId, type Uuid } from '../../base/model/ids.ts'
import type { InboundKey, Integration } from '../../base/model/integration.ts'
import type { Logger } from '../../observability/log.ts'
import { compileScheme, type Verifier } from '../../providers/compile.ts'
import { allowedMethods, findScheme, type HttpMethod, type ProviderDefinition } from '../../providers/definition.ts'
import { compileEvent, type EventReader } from '../../providers/extract.ts'
import type { Database } from '../../resources/store/database.ts'
import { loadEnforcedSchemas } from '../../resources/store/event-schemas.ts'
import { loadIntegrations, type StoredKey } from '../../resources/store/integrations.ts'

/** An integration as the receive path needs it. */
export interface Receiver {
  readonly integration: Integration
  readonly provider: ProviderDefinition
  readonly verifier: Verifier
  readonly readEvent: EventReader
  /** Events and greetings together; for `Allow`. */
  readonly methods: readonly HttpMethod[]
  /** The provider has set-up exchanges that are not signed. */
  readonly greetsStrangers: boolean
  /** By event type: what a body must be, where a body that is not is parked or refused. */
  readonly schemas: ReadonlyMap<string, EnforcedSchema>
}

export interface EnforcedSchema {
  readonly check: SchemaCheck
  readonly policy: Exclude<SchemaPolicy, 'accept'>
}

/** `undefined` stands for "not here"; `broken` for "ours, but not able to verify". */
export type Found = Receiver | 'broken' | undefined

export interface Directory {
  /** @param id As it stands in the URL; absent means the provider's default integration. */
  find(provider: string, id: string | undefined): Found
  /** Resolves once the change that the caller knows of is in effect here. */
  refresh(): Promise<void>
  readonly ready: boolean
  close(): Promise<void>
}

export interface DirectoryOptions {
  readonly db: Database
  readonly log: Logger
  readonly providers: ReadonlyMap<string, ProviderDefinition>
  /** Opens a stored key; may read a file or the environment. */
  readonly openKey: (key: StoredKey) => Promise<string>
}

const POLL_MS = 5_000

export async function openDirectory(options: DirectoryOptions): Promise<Directory> {
  const { db, log } = options
  /** By the id as it stands in URLs, so that a request's id is looked up as it came. */
  let byId = new Map<string, Receiver | 'broken'>()
  let defaults = new Map<string, Receiver | 'broken'>()
  let ready = false
  let running: Promise<void> | undefined
  let again = false

  const compiled = new LRUCache<string, SchemaCheck>({ max: 1000 })

  async function load(): Promise<void> {
    const rows = await loadIntegrations(db)
    const schemas = await enforcedSchemas(db, compiled)
    const nextById = new Map<string, Receiver | 'broken'>()
    const nextDefaults = new Map<string, Receiver | 'broken'>()
    for (const { integration, keys } of rows) {
      const made = await makeReceiver(options, integration, keys)
      const receiver = made === 'broken' ? made : { ...made, schemas: schemas.get(integration.id) ?? NO_SCHEMAS }
      nextById.set(publicId('integration', integration.id), receiver)
      if (integration.isDefault && integration.tenantId === DEFAULT_TENANT)
        nextDefaults.set(integration.provider, receiver)
    }
    byId = nextById
    defaults = nextDefaults
    ready = true
  }

  /** One load at a time; whoever asks while one runs gets the next one, which sees the change they made. */
  function refresh(): Promise<void> {
    if (running === undefined) {
      running = load().finally(() => {
        running = undefined
        if (again) {
          again = false
          void refresh().catch(failed)
        }
      })
      return running
    }
    again = true
    return running.then(
      () => running ?? Promise.resolve(),
      () => refresh(),
    )
  }

  const failed = (err: unknown) =>
    log.warn({ err }, 'integrations could not be loaded; the last known ones stay in effect')
  await refresh()
  const timer = setInterval(() => void refresh().catch(failed), POLL_MS)
  timer.unref()
  const listener = await db.listen('postern_integrations', () => void refresh().catch(failed))

  return {
    find(provider, id) {
      if (id === undefined) return defaults.get(provider)
      const found = byId.get(id)
      return found === undefined || found === 'broken' || found.integration.provider === provider ? found : undefined
    },
    refresh,
    get ready() {
      return ready
    },
    async close() {
      clearInterval(timer)
      await listener.close()
      await running?.catch(() => undefined)
    },
  }
}

const NO_SCHEMAS: ReadonlyMap<string, EnforcedSchema> = new Map()

async function enforcedSchemas(
  db: Database,
  compiled: LRUCache<string, SchemaCheck>,
): Promise<ReadonlyMap<Uuid, ReadonlyMap<string, EnforcedSchema>>> {
  const byIntegration = new Map<Uuid, Map<string, EnforcedSchema>>()
  for (const { integrationId, eventType, jsonSchema, policy } of await loadEnforcedSchemas(db)) {
    if (policy === 'accept') continue
    const text = JSON.stringify(jsonSchema)
    const check = compiled.get(text) ?? checkOf(jsonSchema)
    compiled.set(text, check)
    const schemas = byIntegration.get(integrationId) ?? new Map<string, EnforcedSchema>()
    byIntegration.set(integrationId, schemas.set(eventType, { check, policy }))
  }
  return byIntegration
}

/** A schema that an older release took and this one does not must not let everything through. */
function checkOf(jsonSchema: unknown): SchemaCheck {
  const compilation = compileJsonSchema(jsonSchema)
  return compilation.ok
    ? compilation.check
    : () => ({ place: '', message: 'the schema itself cannot be used any more' })
}

async function makeReceiver(
  options: DirectoryOptions,
  integration: Integration,
  stored: readonly StoredKey[],
): Promise<Omit<Receiver, 'schemas'> | 'broken'> {
  const { log, providers, openKey } = options
  const provider = providers.get(integration.provider)
  const scheme = provider === undefined ? undefined : findScheme(provider, integration.scheme)
  if (provider === undefined || scheme === undefined) {
    log.error(
      { integrationId: integration.id, provider: integration.provider },
      'integration refuses traffic: its provider or scheme is not known',
    )
    return 'broken'
  }
  const keys: InboundKey[] = []
  for (const key of stored) {
    try {
      keys.push({
        id: key.id,
        material: await openKey(key),
        ...(key.slot === null ? {} : { slot: key.slot }),
        ...(key.notBefore === null ? {} : { notBefore: key.notBefore }),
        ...(key.notAfter === null ? {} : { notAfter: key.notAfter }),
      })
    } catch (err) {
      log.error({ err, integrationId: integration.id, keyId: key.id }, 'a key cannot be opened')
    }
  }
  if (keys.length === 0 && stored.length > 0) return 'broken'
  const compiled = compileScheme(scheme, keys, {
    settings: integration.settings,
    ...(integration.toleranceSeconds === undefined ? {} : { toleranceSeconds: integration.toleranceSeconds }),
  })
  for (const { id, message } of compiled.unusable) {
    log.error({ integrationId: integration.id, keyId: id, why: message }, 'a key cannot be used with its scheme')
  }
  if (compiled.keys.length === 0 && stored.length > 0) return 'broken'
  return {
    integration,
    provider,
    verifier: compiled,
    readEvent: compileEvent(provider.event),
    methods: allowedMethods(provider),
    greetsStrangers: provider.handshakes?.some((handshake) => !handshake.signed) ?? false,
  }
}
