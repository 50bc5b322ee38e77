/**
 * Starts the rooms in the order of the flow and stops them in reverse.
 *
 * Rooms do not know each other: what one must hear of another (a commit, a changed integration) is connected
 * here, and only as a shortcut. Across processes the same news travels through the database.
 */
import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { rootKeyAuthenticator } from './access/authenticate.ts'
import { createAttemptCounter } from './alerts/count-attempts.ts'
import { evaluationTasks } from './alerts/evaluate.ts'
import { notificationTasks } from './alerts/notify.ts'
import type { SendTools } from './alerts/send.ts'
import { testChannel } from './alerts/test-channel.ts'
import { generateSigningKey, readSigningKey, writeCheckpoint } from './audit/checkpoint.ts'
import { compileTrustedProxies } from './base/lib/source-address.ts'
import { newId, publicId } from './base/model/ids.ts'
import { type Config, retentionDefaults } from './config/config.ts'
import { makeDemo } from './demo.ts'
import { deliveryQueue } from './flow/delivery/deliver.ts'
import type { OpenSecret } from './flow/delivery/signing-keys.ts'
import { testDestination } from './flow/delivery/test-delivery.ts'
import { createAskProvider } from './flow/ingress/ask-provider.ts'
import { createByteBudget } from './flow/ingress/body.ts'
import { createCapture } from './flow/ingress/capture.ts'
import { openCommitter } from './flow/ingress/commit.ts'
import { type Directory, openDirectory } from './flow/ingress/directory.ts'
import { openQuarantine } from './flow/ingress/quarantine.ts'
import { createIngress } from './flow/ingress/receive.ts'
import { createDescribe, createDocument, type Describe, readHeaders } from './flow/processing/describe.ts'
import { createFilters } from './flow/processing/filter.ts'
import { createOrderKey } from './flow/processing/order-key.ts'
import { previewRouting } from './flow/processing/preview.ts'
import { processingQueue } from './flow/processing/process.ts'
import type { RoutingRules } from './flow/processing/route.ts'
import { openTransforms, type Transforms } from './flow/processing/transform.ts'
import { schemaWatch } from './flow/processing/watch-schemas.ts'
import { requestReplay } from './flow/replay/request-replay.ts'
import { runPlans } from './flow/replay/run-plans.ts'
import { pruneTurn } from './flow/retention/prune-turn.ts'
import { createApi } from './interfaces/api/api.ts'
import type { Api, Health } from './interfaces/api/deps.ts'
import { createServer } from './interfaces/api/server.ts'
import type { RunningGateway, StartOptions } from './interfaces/cli/context.ts'
import type { Logger } from './observability/log.ts'
import { createMetrics, type Metrics } from './observability/metrics.ts'
import { findProvider, providers } from './providers/registry.ts'
import { openCoordination } from './resources/coordination/open.ts'
import { openBrokers } from './resources/outbound/brokers/open.ts'
import { openMailer } from './resources/outbound/mail.ts'
import { type Outbound, openOutbound } from './resources/outbound/request.ts'
import { readOrMakeKeyFile } from './resources/secrets/key-file.ts'
import { openKeyring } from './resources/secrets/keyring.ts'
import { managementKey } from './resources/secrets/management-key.ts'
import { createReferences } from './resources/secrets/references.ts'
import {
  alertChannelContext,
  destinationAuthContext,
  inboundKeyContext,
  openSecret,
  type Secrets,
  signingKeyContext,
} from './resources/secrets/stored-secret.ts'
import { appendAudit, openChain } from './resources/store/audit.ts'
import { readBacklog } from './resources/store/backlog.ts'
import type { Database } from './resources/store/database.ts'
import { openStore } from './resources/store/open.ts'
import type { Removed } from './resources/store/prune-runs.ts'
import { maintenanceTasks } from './worker/maintenance.ts'
import { startWorker, type Worker } from './worker/worker.ts'

/** How long a stop waits for deliveries under way; orchestrators usually grant thirty seconds in all. */
const DRAIN_MS = 20_000
const CHECKPOINT_MS = 60_000
const BACKLOG_MS = 5_000
const REPLAY_TURN_MS = 1_000
const PRUNE_TURN_MS = 2_000

/** @throws PosternError with what to do next; whatever had been started is stopped again. */
export async function startGateway({ config, roles, log, demo }: StartOptions): Promise<RunningGateway> {
  const opened: Closer[] = []
  const onClose = (close: Closer) => opened.push(close)
  const closeAll = async () => {
    for (const close of opened.reverse())
      await close().catch((err: unknown) => log.error({ err }, 'a part did not stop cleanly'))
  }
  try {
    return await start({ config, roles, log, demo }, onClose, closeAll)
  } catch (error) {
    await closeAll()
    throw error
  }
}

type Closer = () => Promise<unknown>

async function start(
  { config, roles, log, demo }: StartOptions,
  onClose: (close: Closer) => void,
  closeAll: () => Promise<void>,
): Promise<RunningGateway> {
  const dataDir = config.POSTERN_DATA_DIR
  // Root's embedded database runs as another account, which must be able to enter; every file in here has its own mode.
  await mkdir(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
  const key = await managementKey(config, dataDir)
  const secrets: Secrets = {
    keyring: await openKeyring(config, dataDir),
    references: createReferences({ environment: process.env, dataDir }),
  }
  const store = await openStore(config, log)
  onClose(() => store.close())
  const { db } = store
  const metrics = createMetrics()
  const authenticate = rootKeyAuthenticator(key.key)
  const name = `${hostname()}:${process.pid}`

  const directory = roles.includes('ingress') ? await openRooms(db, secrets, log) : undefined
  if (directory !== undefined) onClose(() => directory.close())
  const rules = {
    describe: createDescribe(findProvider),
    orderKey: createOrderKey(findProvider, readHeaders),
    filters: createFilters(),
    document: createDocument(findProvider),
  }
  // Its threads start with the first transform.
  const transforms = openTransforms()
  onClose(() => transforms.close())
  const worker = roles.includes('worker')
    ? await openWorker({ config, db, secrets, log, metrics, name, rules, transforms, onClose })
    : undefined
  const ingress =
    directory === undefined
      ? undefined
      : openIngress({ config, db, secrets, directory, log, metrics, name, worker, onClose })

  const health = healthOf(db)
  const testing = roles.includes('api') ? openOutbound({ ...egress(config), log }) : undefined
  if (testing !== undefined) onClose(() => testing.close())
  // Opens nothing by itself.
  const brokers = openBrokers({ ...egress(config), log })
  onClose(() => brokers.close())
  const api: Api | undefined =
    testing !== undefined
      ? await createApi({
          config,
          db,
          log,
          authenticate,
          secrets,
          providers,
          requestReplay: async (request) => {
            const replay = await requestReplay(db, request)
            worker?.wake()
            return replay
          },
          testDestination: (tenantId, id) =>
            testDestination(
              { db, outbound: testing, brokers, ...destinationSecrets(secrets), now: Date.now },
              tenantId,
              id,
            ),
          testAlertChannel: (tenantId, id) =>
            testChannel({ db, ...alertTools({ config, outbound: testing, secrets }) }, tenantId, id),
          previewRouting: (...asked) => previewRouting({ db, ...rules }, ...asked),
          filters: rules.filters,
          transforms,
          documentOf: createDocument(findProvider),
          integrationsChanged: async () => directory?.refresh(),
          health,
          metrics,
        })
      : undefined
  const server = createServer({
    ...(api === undefined ? {} : { api }),
    ...(ingress === undefined ? {} : { ingress }),
    health,
    authenticate,
    metrics,
    config,
    log,
  })
  const { host, port } = await server.listen()
  onClose(() => server.close())
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  log.info({ address, roles }, 'postern is up')

  return {
    address,
    newKeyFile: key.made ? key.path : undefined,
    demo: demo
      ? await makeDemo({ address: address.replace('0.0.0.0', '127.0.0.1'), managementKey: key.key, dataDir, log })
      : [],
    close: closeAll,
  }
}

function openRooms(db: Database, secrets: Secrets, log: Logger): Promise<Directory> {
  return openDirectory({
    db,
    log,
    providers,
    openKey: (stored) => openSecret(secrets, inboundKeyContext(stored), stored),
  })
}

interface Rooms {
  readonly config: Config
  readonly db: Database
  readonly log: Logger
  readonly metrics: Metrics
  readonly name: string
  readonly onClose: (close: Closer) => void
}

function openIngress({
  config,
  db,
  secrets,
  directory,
  log,
  metrics,
  name,
  worker,
  onClose,
}: Rooms & { secrets: Secrets; directory: Directory; worker: Worker | undefined }) {
  const outbound = openOutbound({ ...egress(config), log })
  onClose(() => outbound.close())
  const coordination = openCoordination({
    log,
    ...(config.REDIS_URL === undefined ? {} : { redisUrl: config.REDIS_URL }),
  })
  onClose(() => coordination.close())
  const quarantine = openQuarantine({
    db,
    log,
    maxRows: config.POSTERN_QUARANTINE_MAX_ROWS,
    maxBytes: config.POSTERN_QUARANTINE_MAX_BYTES,
  })
  onClose(() => quarantine.close())
  const committer = openCommitter({
    db,
    writer: `ingress ${name}`,
    timeoutMs: config.POSTERN_COMMIT_TIMEOUT_MS,
    log,
    metrics,
  })
  onClose(() => committer.close())
  return createIngress({
    directory,
    coordination,
    committer,
    quarantine,
    budget: createByteBudget(config.POSTERN_MAX_INFLIGHT_BYTES),
    trustedProxies: compileTrustedProxies(config.POSTERN_TRUSTED_PROXIES),
    clientCertHeader: config.POSTERN_CLIENT_CERT_HEADER,
    askProvider: createAskProvider({ outbound, log, now: Date.now }),
    capture: createCapture({ db, secrets, directory }),
    maxBodyBytes: config.POSTERN_MAX_BODY_BYTES,
    publicUrl: config.POSTERN_PUBLIC_URL,
    log,
    metrics,
    now: Date.now,
    onCommitted: () => worker?.wake('process'),
    onConflict: async (event, original) => {
      log.warn({ eventId: event.id, original }, 'the same event id came with another body; the second one is parked')
      await appendAudit(db, {
        tenantId: event.tenantId,
        actor: 'ingress',
        action: 'event.conflict',
        entityType: 'event',
        entityId: event.id,
        details: { conflictsWith: publicId('event', original), provider: event.provider },
      })
    },
  })
}

async function openWorker({
  config,
  db,
  secrets,
  log,
  metrics,
  name,
  rules,
  transforms,
  onClose,
}: Rooms & {
  secrets: Secrets
  rules: RoutingRules & { readonly describe: Describe }
  transforms: Transforms
}): Promise<Worker> {
  const outbound = openOutbound({ ...egress(config), log })
  onClose(() => outbound.close())
  const brokers = openBrokers({ ...egress(config), log })
  onClose(() => brokers.close())
  const chain = await openChain((work) => db.transaction(work), `worker ${name}`)
  // Its own: on one chain, each record of deliveries would wait for the commit of a routing under way, and the other way round.
  const deliveryChain = await openChain((work) => db.transaction(work), `worker ${name} deliveries`)
  const { text } = await readOrMakeKeyFile(join(config.POSTERN_DATA_DIR, 'audit.key'), generateSigningKey)
  const signingKey = readSigningKey(text)
  const attempts = createAttemptCounter({ db, now: Date.now })
  const id = newId()
  const pruning = {
    ...{ db, worker: id, defaults: retentionDefaults(config), now: Date.now, log },
    onRemoved: (removed: readonly Removed[]) => {
      for (const { kind, rows } of removed) metrics.pruned(kind, rows)
    },
    onDayDropped: () => metrics.dayDropped(),
    onCompleted: () => metrics.pruneCompleted(Date.now() / 1000),
  }
  const worker = startWorker({
    db,
    worker: id,
    leaseMs: config.POSTERN_WORKER_LEASE_MS,
    chain,
    log,
    now: Date.now,
    random: Math.random,
    queues: {
      process: processingQueue({
        db,
        ...rules,
        chain,
        log,
        now: Date.now,
      }),
      deliver: deliveryQueue({
        db,
        outbound,
        brokers,
        ...destinationSecrets(secrets),
        transform: (text, event) => transforms.run(text, rules.document(event), event.tenantId),
        attributes: (event) => rules.document(event).attributes,
        chain: deliveryChain,
        concurrency: config.POSTERN_WORKER_CONCURRENCY,
        leaseMs: config.POSTERN_WORKER_LEASE_MS,
        log,
        now: Date.now,
        random: Math.random,
        onAttempt: (attempt) => {
          metrics.attempted(attempt.outcome, attempt.durationMs / 1000)
          attempts.note(attempt)
        },
      }),
    },
    tasks: [
      {
        name: 'count what waits',
        everyMs: BACKLOG_MS,
        run: async () => {
          for (const { kind, ...backlog } of await readBacklog(db, new Date())) metrics.backlog(kind, backlog)
        },
      },
      {
        name: 'run replay plans',
        everyMs: REPLAY_TURN_MS,
        run: () => runPlans({ db, now: Date.now, onReplayed: () => worker.wake() }),
      },
      ...maintenanceTasks({ db, now: Date.now, dedupeDays: config.POSTERN_DEDUPE_DAYS }),
      attempts.task,
      ...evaluationTasks({ db, log, now: Date.now, onChange: metrics.alerted }),
      ...notificationTasks({ ...alertTools({ config, outbound, secrets }), db, log, onSent: metrics.notified }),
      {
        name: 'remove what is due',
        everyMs: PRUNE_TURN_MS,
        run: async () => void (await pruneTurn(pruning)),
      },
      schemaWatch({ db, documentOf: createDocument(findProvider), log, now: Date.now }),
      {
        name: 'checkpoint the audit trail',
        everyMs: CHECKPOINT_MS,
        run: async () => void (await writeCheckpoint(db, signingKey, new Date())),
      },
    ],
  })
  // What the last deliveries counted.
  onClose(() => attempts.task.run())
  onClose(() => worker.stop(DRAIN_MS))
  onClose(async () => writeCheckpoint(db, signingKey, new Date()))
  return worker
}

function destinationSecrets({ keyring }: Secrets): { readonly openSecret: OpenSecret; readonly openAuth: OpenSecret } {
  return {
    openSecret: (key, sealed) => keyring.open(signingKeyContext(key), sealed),
    openAuth: (destination, sealed) => keyring.open(destinationAuthContext(destination), sealed),
  }
}

function alertTools({
  config,
  outbound,
  secrets,
}: {
  config: Config
  outbound: Outbound
  secrets: Secrets
}): SendTools {
  return {
    outbound,
    mailer: openMailer({ ports: config.POSTERN_EGRESS_PORTS }),
    openChannel: (channel, sealed) => secrets.keyring.open(alertChannelContext(channel), sealed),
    now: Date.now,
  }
}

function egress(config: Config): { readonly ports: readonly number[]; readonly allowHttp: boolean } {
  return { ports: config.POSTERN_EGRESS_PORTS, allowHttp: config.POSTERN_EGRESS_HTTP === 'allow' }
}

function healthOf(db: Database): Health {
  return () =>
    Promise.race([
      db.query('select 1').then(
        () => 'ok' as const,
        () => 'degraded' as const,
      ),
      new Promise<'degraded'>((resolve) => setTimeout(() => resolve('degraded'), 2_000).unref()),
    ])
}
