/**
 * Reads a verified body in the shape its provider is known to send. Which parser runs is the definition's choice; the
 * Content-Type only picks among the shapes it lists, so that no header can turn JSON into a form (CVE-2026-21858 was that).
 * Nothing read here is ever stored or signed in place of the bytes.
 */
import { isUtf8 } from 'node:buffer'
import { DEFAULT_JSON_LIMITS, type JsonLimits, type JsonProblem, parseBoundedJson } from '../base/lib/bounded-json.ts'
import type { PayloadShape, ProviderDefinition } from './definition.ts'
import { type FormFields, fieldText, readForm } from './form.ts'

export interface Payload {
  readonly ok: true
  readonly kind: 'json' | 'form' | 'opaque' | 'empty'
  /** JSON as parsed (also out of a form's JSON field); a form as an object of texts and lists; `null` when empty or opaque. */
  readonly value: unknown
  /** Whether `value` came out of JSON. */
  readonly isJson: boolean
  readonly fields?: FormFields
}

export type PayloadProblem = JsonProblem | 'not_object' | 'content_type' | 'empty' | 'too_many_fields'

export interface PayloadRefused {
  readonly ok: false
  readonly reason: PayloadProblem
}

/**
 * @param contentType The header as received; a missing one means the provider's first shape, a wrong one is refused.
 */
export function readPayload(
  definition: Pick<ProviderDefinition, 'payload'>,
  contentType: string | undefined,
  body: Buffer,
  limits: JsonLimits = DEFAULT_JSON_LIMITS,
): Payload | PayloadRefused {
  const type = contentType === undefined ? '' : typeOf(contentType)
  if (body.length === 0) {
    const mayBeEmpty = definition.payload.some((shape) => shape.kind === 'empty')
    return mayBeEmpty ? { ok: true, kind: 'empty', value: null, isJson: false } : { ok: false, reason: 'empty' }
  }
  const shape = definition.payload.find((each) => each.kind !== 'empty' && (type === '' || accepts(each, type)))
  if (shape === undefined) return { ok: false, reason: 'content_type' }
  switch (shape.kind) {
    case 'form':
      return readFormPayload(shape, body, limits)
    case 'opaque':
      return { ok: true, kind: 'opaque', value: null, isJson: false }
    default:
      return readJsonPayload(shape.kind === 'json-object', body, limits)
  }
}

function typeOf(contentType: string): string {
  const end = contentType.indexOf(';')
  return (end === -1 ? contentType : contentType.slice(0, end)).trim().toLowerCase()
}

function accepts(shape: PayloadShape, type: string): boolean {
  if (shape.kind === 'empty') return false
  if (shape.kind === 'form') return type === 'application/x-www-form-urlencoded'
  if (shape.contentTypes?.includes(type) === true) return true
  if (shape.kind === 'opaque') return false
  return type === 'application/json' || /^application\/[a-z0-9.-]+\+json$/.test(type)
}

function readJsonPayload(objectOnly: boolean, body: Buffer, limits: JsonLimits): Payload | PayloadRefused {
  const parsed = parseBoundedJson(body, limits)
  if (!parsed.ok) return parsed
  if (objectOnly && !isObject(parsed.value)) return { ok: false, reason: 'not_object' }
  return { ok: true, kind: 'json', value: parsed.value, isJson: true }
}

function readFormPayload(
  shape: Extract<PayloadShape, { kind: 'form' }>,
  body: Buffer,
  limits: JsonLimits,
): Payload | PayloadRefused {
  const fields = readForm(body)
  if (fields === undefined) return { ok: false, reason: 'too_many_fields' }
  if (fields.some((field) => field.some((text) => !isUtf8(Buffer.from(text, 'latin1')))))
    return { ok: false, reason: 'not_utf8' }
  const json = shape.json === undefined ? undefined : fields.find(([name]) => name === shape.json)?.[1]
  if (json === undefined) return { ok: true, kind: 'form', value: asObject(fields), isJson: false, fields }
  const inner = readJsonPayload(shape.list !== true, Buffer.from(json, 'latin1'), limits)
  return inner.ok ? { ...inner, kind: 'form', fields } : inner
}

/** A repeated name gives a list. Object.fromEntries defines own properties, whatever their names. */
function asObject(fields: FormFields): Readonly<Record<string, string | readonly string[]>> {
  const lists = new Map<string, string[]>()
  for (const [name, value] of fields) {
    const known = lists.get(name)
    if (known === undefined) lists.set(name, [fieldText(value)])
    else known.push(fieldText(value))
  }
  return Object.fromEntries(
    [...lists].map(([name, [only = '', ...more]]) => [fieldText(name), more.length === 0 ? only : [only, ...more]]),
  )
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
