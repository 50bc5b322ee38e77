/**
 * The key whose events are delivered one after the other, read from an event. Total: where it is not found, the event
 * has none and waits for nobody.
 */
import { createHash } from 'node:crypto'
import type { HeaderList } from '../../base/model/event.ts'
import { type Uuid, uuidOfHex } from '../../base/model/ids.ts'
import { readPayload } from '../../providers/body.ts'
import type { ProviderDefinition } from '../../providers/definition.ts'
import { materialOf } from '../../providers/extract.ts'
import { compileSource, type Path, readSource } from '../../providers/source.ts'
import type { EventToProcess } from '../../resources/store/processing.ts'

export type OrderKey = (by: string, event: EventToProcess, described: Described) => Uuid | null

export interface Described {
  readonly type: string | null
  readonly subject: string | null
}

export function createOrderKey(
  findProvider: (id: string) => Pick<ProviderDefinition, 'payload'> | undefined,
  readHeaders: (text: string | null) => HeaderList | undefined,
): OrderKey {
  const sources = new Map<string, readonly Path[] | undefined>()

  function pathsOf(by: string): readonly Path[] | undefined {
    if (!sources.has(by)) sources.set(by, compiled(by))
    return sources.get(by)
  }

  function read(by: string, event: EventToProcess): string | undefined {
    const paths = pathsOf(by)
    const definition = findProvider(event.provider)
    if (paths === undefined || definition === undefined || event.body === null) return undefined
    const payload = readPayload(definition, event.contentType ?? undefined, event.body)
    const headers = readHeaders(event.headers) ?? []
    const request = { method: event.method ?? 'POST', url: event.target ?? '/', headers, body: event.body }
    return readSource(paths, materialOf(request, payload.ok ? payload : undefined, undefined))
  }

  return (by, event, { type, subject }) => {
    const value =
      by === 'subject'
        ? subject
        : by === 'type'
          ? type
          : by === 'integration'
            ? event.integrationId
            : safely(() => read(by, event))
    // A fixed width, whatever a sender puts there.
    return value === null || value === undefined
      ? null
      : uuidOfHex(createHash('sha256').update(`${by}\0${value}`).digest('hex'))
  }
}

/** Whether `by` can be read at all; asked when it is saved. */
export function isOrderSource(by: string): boolean {
  return ['subject', 'type', 'integration'].includes(by) || compiled(by) !== undefined
}

function compiled(by: string): readonly Path[] | undefined {
  return safely(() => compileSource(by as Parameters<typeof compileSource>[0]))
}

function safely<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
