/**
 * JSON Schemas (2020-12) that users write, compiled so that no schema and no value can hang whoever checks it.
 *
 * A schema brings everything along: it refers to itself by `#/…` only and never in a circle. Its patterns are RE2. How much
 * work it can be for one place of a value is counted before it is compiled; `format` says what is meant and checks nothing.
 */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { compilePattern } from './linear-pattern.ts'

export const MAX_SCHEMA_BYTES = 32 * 1024
/** Subschemas that can apply at one place, references followed. Hand-written schemas have ten to a hundred. */
const MAX_WORK = 2_000

export interface SchemaMismatch {
  /** A JSON Pointer into the value. */
  readonly place: string
  /** What is asked there; quotes the schema and never the value. */
  readonly message: string
}

/** @returns The first mismatch; `undefined` when the value is as the schema asks. Never throws. */
export type SchemaCheck = (value: unknown) => SchemaMismatch | undefined

export type SchemaCompilation =
  | { readonly ok: true; readonly check: SchemaCheck }
  | { readonly ok: false; readonly message: string }

/** @param schema As parsed from JSON. */
export function compileJsonSchema(schema: unknown): SchemaCompilation {
  try {
    if (!isRecord(schema)) throw new Problem('a schema is a JSON object')
    if (Buffer.byteLength(JSON.stringify(schema)) > MAX_SCHEMA_BYTES) throw new Problem('it is larger than 32 KiB')
    if (workOf(schema, schema, []) > MAX_WORK) throw new Problem('it is too much work for one value')
    return { ok: true, check: compile(schema) }
  } catch (error) {
    // Whatever the compiler says is about the schema: it has seen nothing else.
    return { ok: false, message: error instanceof Error ? error.message.slice(0, 300) : 'it is not a schema' }
  }
}

class Problem extends Error {}

function compile(schema: Record<string, unknown>): SchemaCheck {
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    ownProperties: true,
    validateFormats: false,
    addUsedSchema: false,
    logger: false,
    code: { regExp: Object.assign((pattern: string) => compilePattern(pattern), { code: 'compilePattern' }) },
  })
  const validate = ajv.compile(schema)
  return (value) => {
    if (validate(value)) return undefined
    const [first] = validate.errors ?? []
    return { place: first?.instancePath ?? '', message: messageOf(first) }
  }
}

/** `unevaluatedProperties` and the like name what the sender sent; a keyword and its parameter are the schema's own. */
function messageOf(error: ErrorObject | undefined): string {
  const message = error?.message
  return message === undefined || error?.keyword === 'uniqueItems' ? 'is not as the schema asks' : message
}

/** Keywords with one subschema, with a list of them, and with named ones. */
const ONE = [
  'items',
  'contains',
  'additionalProperties',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
  'unevaluatedItems',
  'unevaluatedProperties',
]
const LISTS = ['prefixItems', 'allOf', 'anyOf', 'oneOf']
const NAMED = ['properties', 'patternProperties', 'dependentSchemas']

/** How many subschemas there are when each reference stands for what it refers to. @throws Problem */
function workOf(root: Record<string, unknown>, schema: unknown, referring: readonly unknown[]): number {
  if (!isRecord(schema)) return 1
  if (referring.includes(schema)) throw new Problem('it refers to itself in a circle')
  for (const keyword of ['$dynamicRef', '$recursiveRef', '$dynamicAnchor', '$anchor', '$id', '$data'])
    if (schema !== root && Object.hasOwn(schema, keyword))
      throw new Problem(`${keyword} is not supported inside a schema`)
  if (schema['uniqueItems'] === true && !(Number(schema['maxItems']) <= 1000))
    throw new Problem('uniqueItems needs maxItems of 1000 at most')
  const inside = [...referring, schema]
  const below = [
    ...ONE.map((keyword) => schema[keyword]),
    ...LISTS.flatMap((keyword) => listOf(schema[keyword])),
    ...NAMED.flatMap((keyword) => (isRecord(schema[keyword]) ? Object.values(schema[keyword]) : [])),
    ...('$ref' in schema ? [resolve(root, schema['$ref'])] : []),
  ].filter((each) => each !== undefined)
  let work = 1
  for (const each of below) {
    work += workOf(root, each, inside)
    if (work > MAX_WORK) throw new Problem('it is too much work for one value')
  }
  return work
}

function resolve(root: Record<string, unknown>, reference: unknown): unknown {
  if (typeof reference !== 'string' || !(reference === '#' || reference.startsWith('#/')))
    throw new Problem('$ref leads to places of the same schema only, as in "#/$defs/name"')
  let target: unknown = root
  for (const part of reference.split('/').slice(1)) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
    target = isRecord(target) && Object.hasOwn(target, name) ? target[name] : undefined
  }
  if (target === undefined) throw new Problem(`there is nothing at ${reference.slice(0, 100)}`)
  return target
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
