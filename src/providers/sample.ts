/**
 * A provider's sample event with the caller's id, type and time filled in.
 */
import type { HeaderList } from '../base/model/event.ts'
import type { ProviderDefinition } from './definition.ts'

export interface SampleEvent {
  readonly id: string
  readonly type: string
  readonly contentType: string
  readonly headers: HeaderList
  readonly body: Buffer
}

export interface SampleInput {
  /** Anything unique; a random UUID will do. */
  readonly id: string
  readonly type?: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

export function sampleEvent(definition: Pick<ProviderDefinition, 'sample'>, input: SampleInput): SampleEvent {
  const { sample } = definition
  const id = `${sample.idPrefix ?? ''}${input.id}`
  const type = input.type ?? sample.type
  const values: Readonly<Record<string, string>> = {
    id,
    type,
    seconds: String(Math.floor(input.now / 1000)),
    iso: new Date(input.now).toISOString(),
  }
  const quote = sample.body.startsWith('<') ? inXml : /^[[{]/.test(sample.body) ? inJson : encodeURIComponent
  // A function as replacement: `$&` in a caller's id stays what it is.
  const body = sample.body.replace(/\{\{(id|type|seconds|iso)\}\}/g, (_, name: string) => quote(values[name] ?? ''))
  return { id, type, contentType: sample.contentType, headers: sample.headers ?? [], body: Buffer.from(body, 'utf8') }
}

function inXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}
