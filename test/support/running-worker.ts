/** A worker with both queues, as the composition starts it, against real sockets on this machine. */
import { newId } from '../../src/base/model/ids.ts'
import { type DeliveryOptions, deliveryQueue } from '../../src/flow/delivery/deliver.ts'
import {
  createDescribe,
  createDocument,
  type EventDefinition,
  readHeaders,
} from '../../src/flow/processing/describe.ts'
import { createFilters } from '../../src/flow/processing/filter.ts'
import { createOrderKey } from '../../src/flow/processing/order-key.ts'
import { processingQueue } from '../../src/flow/processing/process.ts'
import { openTransforms } from '../../src/flow/processing/transform.ts'
import { openBrokers } from '../../src/resources/outbound/brokers/open.ts'
import { openOutbound } from '../../src/resources/outbound/request.ts'
import { MANAGEMENT_CHAIN } from '../../src/resources/store/audit.ts'
import type { Database } from '../../src/resources/store/database.ts'
import { DEFAULT_LEASE_MS, startWorker, type Worker, type WorkerOptions } from '../../src/worker/worker.ts'
import { openUnsealed, silent } from './flow.ts'

const acme: EventDefinition = {
  id: 'acme',
  payload: [{ kind: 'json-object' }],
  event: { id: 'body:$.eventId', type: 'body:$.eventType', subject: 'body:$.data.id', occurredAt: 'body:$.occurredAt' },
}

export interface RunningWorker extends Worker, AsyncDisposable {}

export function aRunningWorker(db: Database, fields: Partial<DeliveryOptions & WorkerOptions> = {}): RunningWorker {
  const outbound = openOutbound({ ports: [443], allowHttp: false })
  const brokers = openBrokers({ ports: [443], allowHttp: false })
  const shared = {
    db,
    chain: MANAGEMENT_CHAIN,
    log: silent,
    now: Date.now,
    random: Math.random,
    leaseMs: DEFAULT_LEASE_MS,
    ...fields,
  }
  const document = createDocument((id) => ({ ...acme, id }))
  // Its threads start with the first transform.
  const transforms = openTransforms()
  const transform: DeliveryOptions['transform'] = (text, event) => transforms.run(text, document(event), event.tenantId)
  const delivery = deliveryQueue({
    outbound,
    brokers,
    transform,
    attributes: (event) => document(event).attributes,
    openSecret: openUnsealed,
    openAuth: openUnsealed,
    concurrency: 64,
    ...shared,
  })
  const processing = processingQueue({
    ...shared,
    describe: createDescribe((id) => ({ ...acme, id })),
    orderKey: createOrderKey(() => acme, readHeaders),
    filters: createFilters(),
    document,
  })
  const worker = startWorker({
    worker: newId(),
    tasks: [],
    ...shared,
    queues: { process: processing, deliver: delivery },
  })
  return {
    ...worker,
    async [Symbol.asyncDispose]() {
      await worker.stop(5_000)
      await Promise.all([outbound.close(), brokers.close(), transforms.close()])
    },
  }
}
