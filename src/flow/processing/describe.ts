/**
 * What an event is, in the words of its provider: type, subject, time; and the document that filters and transforms see.
 * Total: whatever the bytes are, the answer is a description, and one that could not be read from them says so (`odd`).
 * An event is never lost to its shape.
 */
import type { HeaderList } from '../../base/model/event.ts'
import { publicId } from '../../base/model/ids.ts'
import { readPayload } from '../../providers/body.ts'
import { COVERS_NOTHING } from '../../providers/compile.ts'
import type { ProviderDefinition } from '../../providers/definition.ts'
import { compileEvent, type EventReader } from '../../providers/extract.ts'
import { type NormalisedEvent, normalise } from '../../providers/normalise.ts'
import type { Verified } from '../../providers/outcome.ts'
import type { EventToProcess } from '../../resources/store/processing.ts'
import { type EventDocument, eventDocument } from './event-document.ts'

export interface Description {
  readonly type: string | null
  readonly subject: string | null
  readonly occurredAt: Date | null
  readonly odd: boolean
}

export type Describe = (event: EventToProcess) => Description

const NOTHING: Description = { type: null, subject: null, occurredAt: null, odd: true }

/** What of a definition says how its events read. */
export type EventDefinition = Pick<ProviderDefinition, 'id' | 'payload' | 'event'>

/** A received event as the store hands it over; its claim, where it has one, plays no part in reading it. */
export type ReadableEvent = Omit<EventToProcess, 'id' | 'worker' | 'fence' | 'tenantId'>

type FindProvider = (id: string) => EventDefinition | undefined

/** @param findProvider The definition of a provider; `undefined` for one that is no longer known. */
export function createDescribe(findProvider: FindProvider): Describe {
  const read = createReader(findProvider)
  return (event) => {
    const { normalised, odd } = read(event)
    if (normalised === undefined) return NOTHING
    return {
      type: normalised.type,
      subject: normalised.subject ?? null,
      occurredAt: new Date(normalised.occurredAt),
      odd,
    }
  }
}

/** For filters and transforms. An event that cannot be read has a document too: its body is `null`, its type `unknown`. */
export function createDocument(findProvider: FindProvider): (event: ReadableEvent) => EventDocument {
  const read = createReader(findProvider)
  return (event) => {
    const { normalised, body, headers } = read(event)
    const { eventId, receivedAt, provider, integrationId, contentType } = event
    return eventDocument({
      method: event.method ?? 'POST',
      target: event.target ?? '/',
      headers,
      body,
      attributes: {
        id: normalised?.id ?? eventId,
        source: normalised?.source ?? `/providers/${provider}`,
        type: normalised?.type ?? 'unknown',
        ...(normalised?.subject === undefined ? {} : { subject: normalised.subject }),
        time: normalised === undefined ? receivedAt : new Date(normalised.occurredAt),
        ...(contentType === null ? {} : { datacontenttype: contentType }),
        provider,
        integrationid: publicId('integration', integrationId),
      },
    })
  }
}

interface Reading {
  /** Absent when nothing could be read. */
  readonly normalised?: NormalisedEvent
  readonly headers: HeaderList
  readonly body: unknown
  readonly odd: boolean
}

function createReader(findProvider: FindProvider): (event: ReadableEvent) => Reading {
  const readers = new Map<string, EventReader>()

  function readerOf(definition: EventDefinition): EventReader {
    const known = readers.get(definition.id)
    if (known !== undefined) return known
    const reader = compileEvent(definition.event)
    readers.set(definition.id, reader)
    return reader
  }

  return (event) => {
    const definition = findProvider(event.provider)
    const headers = readHeaders(event.headers)
    const unread = { headers: headers ?? [], body: null, odd: true }
    if (definition === undefined || headers === undefined || event.body === null) return unread
    try {
      return read(definition, readerOf(definition), { ...event, headers }, event.body)
    } catch {
      // A reader that throws is a bug of ours; the event goes on, and the flag makes somebody look.
      return unread
    }
  }
}

function read(
  definition: EventDefinition,
  reader: EventReader,
  event: Omit<ReadableEvent, 'headers'> & { readonly headers: HeaderList },
  body: Buffer,
): Reading {
  const { headers } = event
  const payload = readPayload(definition, event.contentType ?? undefined, body)
  const request = { method: event.method ?? 'POST', url: event.target ?? '/', headers, body }
  const readable = payload.ok ? payload : ({ ok: true, kind: 'empty', value: null, isJson: false } as const)
  const attributes = reader(request, readable, verifiedAs(event))
  const normalised = normalise(definition, { eventId: event.eventId, receivedAt: event.receivedAt, attributes })
  return { normalised, headers, body: readable.value, odd: !payload.ok }
}

/** What was established on arrival, as far as reading needs it: covered sources are looked at first. */
function verifiedAs({ scheme, keyId, coverage }: Pick<ReadableEvent, 'scheme' | 'keyId' | 'coverage'>): Verified {
  const covers = { ...COVERS_NOTHING, body: coverage === 'request' || coverage === 'body', url: coverage === 'request' }
  return { ok: true, scheme, keyId, coverage, covers, content: 'body' }
}

/** `undefined` when they are not what ingress writes. */
export function readHeaders(text: string | null): HeaderList | undefined {
  try {
    const value: unknown = text === null ? [] : JSON.parse(text)
    if (!Array.isArray(value)) return []
    return value.flatMap((pair: unknown) =>
      Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string'
        ? [[pair[0], pair[1]] as const]
        : [],
    )
  } catch {
    return undefined
  }
}
