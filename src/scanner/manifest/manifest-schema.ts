/** The JSON Schema of the manifest, for editors: completion and hover text, lenient where the reader is. */
import { SURFACE_STYLES } from '../../catalogue/surfaces.ts'
import { type Field, SECTIONS } from './field.ts'
import { FIELDS } from './fields.ts'
import { OPERATION_KEYS } from './operations.ts'
import { isSectionName } from './vocabulary.ts'

type Schema = Readonly<Record<string, unknown>>

export function manifestSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Postern evidence manifest',
    description:
      'What is known about the back gates of a system. A missing key means that nobody looked; false, null and empty are statements.',
    type: 'object',
    properties: {
      version: { const: 1 },
      surfaces: { type: 'array', minItems: 1, items: { $ref: '#/definitions/record' } },
      surface: { $ref: '#/definitions/surface' },
      api_surface: { $ref: '#/definitions/surface' },
      api: { type: 'object', properties: { state_changing_operations: { $ref: '#/definitions/operations' } } },
      state_changing_operations: { $ref: '#/definitions/operations' },
      observed_evidence: { type: 'object' },
      ...sectionProperties(),
    },
    anyOf: ['surfaces', 'surface', 'api_surface', 'api', 'state_changing_operations', 'style'].map((key) => ({
      required: [key],
    })),
    definitions: {
      record: {
        type: 'object',
        properties: {
          surface: { $ref: '#/definitions/surface' },
          api_surface: { $ref: '#/definitions/surface' },
          ...surfaceProperties(),
        },
      },
      surface: { type: 'object', required: ['style'], properties: surfaceProperties() },
      operations: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          required: ['operation'],
          properties: Object.fromEntries(OPERATION_KEYS.map((key) => [key, {}])),
        },
      },
      place: { enum: ['application', 'gateway', 'platform', 'unknown'] },
      ...Object.fromEntries(Object.entries(KINDS).map(([kind, schema]) => [kind, schema])),
    },
  }
}

const KINDS: Readonly<Record<Field['kind'], Schema>> = {
  flag: stated({ type: ['boolean', 'string', 'null'] }),
  confession: stated({ type: ['boolean', 'string', 'null'] }),
  list: stated({ anyOf: [{ type: 'array', items: { type: 'string' } }, { type: ['string', 'boolean', 'null'] }] }),
  duration: stated({ type: ['number', 'string', 'boolean', 'null'] }),
  size: stated({ type: ['number', 'string', 'boolean', 'null'] }),
  count: stated({ type: ['number', 'string', 'boolean', 'null'] }),
  rate: stated({ type: ['number', 'string', 'boolean', 'null'] }),
  note: {},
}

/** The bare value, or the value with its place and proof. */
function stated(value: Schema): Schema {
  return {
    anyOf: [
      value,
      {
        type: 'object',
        required: ['value'],
        properties: {
          value,
          place: { $ref: '#/definitions/place' },
          verification: { type: 'string' },
          confidence: { type: 'string' },
        },
      },
    ],
  }
}

function surfaceProperties(): Schema {
  const text = { type: ['string', 'null'] }
  return {
    id: { type: 'string' },
    style: {
      description: 'The kind of surface; published synonyms such as async_job are accepted.',
      anyOf: [{ enum: Object.keys(SURFACE_STYLES) }, { type: 'string' }],
    },
    framework: { type: 'string' },
    endpoint: text,
    create_endpoint: text,
    status_endpoint: text,
    cancel_endpoint: text,
    result_endpoint: text,
    callback_endpoint: text,
    methods: { type: 'array', items: { type: 'string' } },
    inventory_source: {
      description: 'The artefact that proves the surface exists; null when there is none.',
      type: ['string', 'array', 'null'],
    },
    missing_artifacts: { type: ['array', 'null'], items: { type: 'string' } },
    public: { description: 'Public on purpose; then public_reason is needed and nothing may change.', type: 'boolean' },
    public_reason: { type: 'string' },
    read_only: { type: 'boolean' },
    ...sectionProperties(),
    ...fieldProperties(FIELDS),
  }
}

function sectionProperties(): Schema {
  return Object.fromEntries(
    Object.entries(SECTIONS).map(([section, description]) => [
      section,
      {
        description,
        type: ['object', 'null'],
        properties: {
          place: { $ref: '#/definitions/place' },
          ...fieldProperties(FIELDS.filter((field) => field.section === section)),
        },
      },
    ]),
  )
}

function fieldProperties(fields: readonly Field[]): Schema {
  return Object.fromEntries(
    fields.flatMap((field) =>
      field.names.map((name, index) => [
        name,
        {
          // Some names are also section names: with a map behind them they only group keys.
          anyOf: [{ $ref: `#/definitions/${field.kind}` }, ...(isSectionName(name) ? [{ type: 'object' }] : [])],
          description: index === 0 ? field.describe : `${field.describe} Same as ${field.names[0]}.`,
          examples: [field.example],
        },
      ]),
    ),
  )
}
