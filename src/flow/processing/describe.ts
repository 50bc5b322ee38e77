/**
 * What an event is, in the words of its provider: type, subject, time. Total: whatever the bytes are, the answer is a
 * description, and one that could not be read from them says so (`odd`). An event is never lost to its shape.
 */
import type { HeaderList } from '../../base/model/event.ts'
import { readPayload } from '../../providers/body.ts'
import { COVERS_NOTHING } from '../../providers/compile.ts'
import type { ProviderDefinition } from '../../providers/definition.ts'
import { compileEvent, type EventAttributes, type EventReader } from '../../providers/extract.ts'
import { normalise } from '../../providers/normalise.ts'
import type { Verified } from '../../providers/outcome.ts'
import type { EventToProcess } from '../../resources/store/processing.ts'

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

/** @param findProvider The definition of a provider; `undefined` for one that is no longer known. */
export function createDescribe(findProvider: (id: string) => EventDefinition | undefined): Describe {
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
    if (definition === undefined || event.body === null) return NOTHING
    try {
      const { attributes, odd } = read(definition, readerOf(definition), event, event.body)
      const described = normalise(definition, { eventId: event.eventId, receivedAt: event.receivedAt, attributes })
      return {
        type: described.type,
        subject: described.subject ?? null,
        occurredAt: new Date(described.occurredAt),
        odd,
      }
    } catch {
      // A reader that throws is a bug of ours; the event goes on, and the flag makes somebody look.
      return NOTHING
    }
  }
}

function read(
  definition: EventDefinition,
  reader: EventReader,
  event: EventToProcess,
  body: Buffer,
): { readonly attributes: EventAttributes; readonly odd: boolean } {
  const payload = readPayload(definition, event.contentType ?? undefined, body)
  const headers = readHeaders(event.headers)
  const request = { method: event.method ?? 'POST', url: event.target ?? '/', headers, body }
  const readable = payload.ok ? payload : ({ ok: true, kind: 'empty', value: null, isJson: false } as const)
  return { attributes: reader(request, readable, verifiedAs(event)), odd: !payload.ok }
}

/** What was established on arrival, as far as reading needs it: covered sources are looked at first. */
function verifiedAs({ scheme, keyId, coverage }: EventToProcess): Verified {
  const covers = { ...COVERS_NOTHING, body: coverage === 'request' || coverage === 'body', url: coverage === 'request' }
  return { ok: true, scheme, keyId, coverage, covers, content: 'body' }
}

export function readHeaders(text: string | null): HeaderList {
  const value: unknown = text === null ? [] : JSON.parse(text)
  if (!Array.isArray(value)) return []
  return value.flatMap((pair: unknown) =>
    Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'string'
      ? [[pair[0], pair[1]] as const]
      : [],
  )
}
