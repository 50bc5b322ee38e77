/** What an operation is: a receiver, a stream, a job, a callback, or an ordinary request. */
import type { SurfaceStyle } from '../../catalogue/surfaces.ts'
import type { SpecDocument, SpecOperation } from './model.ts'
import { isRead, signatureHeader } from './questions.ts'
import { fieldsOf } from './schema.ts'
import { isHttp, isSocket } from './servers.ts'
import { isCalledAddress } from './words.ts'

/** @param known What code, a probe or a record beside the document says it is. */
export function styleOf(
  operation: SpecOperation,
  document: SpecDocument,
  known: SurfaceStyle | undefined,
): SurfaceStyle {
  if (operation.place === 'webhook') return 'webhook'
  if (operation.place === 'callback') return 'callback'
  if (operation.place === 'channel') return known ?? channelStyle(operation)
  if (known !== undefined && known !== 'operation') return known
  if (operation.answers.some(({ status }) => status === '101')) return 'websocket'
  if (operation.answers.some(({ types }) => types.includes('text/event-stream')) && isRead(operation)) return 'sse'
  if (isReceiver(operation, document)) return 'webhook'
  if (operation.method === 'POST' && operation.answers.some(({ status }) => status === '202')) return 'async-job'
  return 'rest'
}

function channelStyle({ servers, takes }: SpecOperation): SurfaceStyle {
  if (servers.some(isSocket)) return 'websocket'
  if (servers.some(({ protocol }) => protocol === 'sse')) return 'sse'
  if (servers.length > 0 && servers.every(isHttp)) return (takes ?? []).length > 0 ? 'webhook' : 'sse'
  return 'hybrid'
}

/** An address that other organisations' machines call, not one at which subscriptions are managed. */
function isReceiver(operation: SpecOperation, document: SpecDocument): boolean {
  if (operation.method !== 'POST' && operation.method !== 'PUT') return false
  if (isManagement(operation, document)) return false
  if (signatureHeader(operation) !== undefined) return true
  return RECEIVER_PATH.test(operation.path) || RECEIVER_ID.test(operation.operationId?.text ?? '')
}

const RECEIVER_PATH =
  /\/(?:web-?hooks?|hooks?|ipn|postbacks?|callbacks?|webhook-receivers?|inbound)\/[^/]+|\/[^/]+\/(?:web-?hook|hook|ipn|postback|webhook-receiver)\/?$|^(?:\/(?:api|v\d+))*\/(?:web-?hook|ipn|postback)\/?$/i
const RECEIVER_ID = /^(?:receive|handle|on|process|ingest)_?[A-Z_a-z]*(?:web_?hook|postback|ipn)/i

function isManagement(operation: SpecOperation, { references }: SpecDocument): boolean {
  const { path, body } = operation
  if (
    /\/(?:test|retry|resend|rotate|ping|replay|enable|disable|subscriptions?|register|endpoints?|secrets?|keys?|deliveries|redeliver|attempts|pause|resume)(?:\/|$)/i.test(
      path,
    )
  )
    return true
  // `/webhooks/{id}`: one of a collection of subscriptions, when the collection is there to be listed.
  if (/\/(?:web-?hooks?|hooks?|callbacks?)\/\{[^/]*(?:id|hook)[^/]*\}\/?$/i.test(path) && operation.method !== 'POST')
    return true
  const fields = body?.schemas.flatMap((schema) => fieldsOf(references, schema, 1)) ?? []
  return fields.some(({ name }) => isCalledAddress(name) || /^events$/i.test(name))
}
