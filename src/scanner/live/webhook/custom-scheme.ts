/**
 * A scheme of the user's own, written like the provider definitions are: the part of their shape that signing needs.
 */
import { z } from 'zod'
import type { ProviderDefinition } from '../../../providers/definition.ts'

const encoding = z.enum(['hex', 'base64', 'base64url'])
const name = z.string().min(1).max(100)

const hmac = z.strictObject({
  family: z.literal('hmac'),
  algorithm: z.enum(['sha1', 'sha256', 'sha512']).default('sha256'),
  header: name.describe('the header that carries the signature'),
  encoding: encoding.default('hex'),
  prefix: z.string().optional().describe('stands before the signature, such as sha256='),
  pairs: z
    .strictObject({
      signature_key: name.default('v1'),
      timestamp_key: name.optional(),
      item_separator: z.string().default(','),
      value_separator: z.string().default('='),
    })
    .optional()
    .describe('the header is a list such as t=…,v1=…'),
  signed: z
    .string()
    .default('{body}')
    .refine((template) => template.includes('{body}'), 'must contain {body}')
    .describe('what is signed: {body}, {ts}, {id} and text between them'),
  key: z.enum(['utf8', 'base64', 'hex']).default('utf8').describe('how the secret’s text becomes the key'),
  strip_prefix: z.string().optional().describe('removed from the secret first, such as whsec_'),
  timestamp: z
    .strictObject({
      header: name.optional().describe('absent when it stands among the pairs of the signature header'),
      unit: z.enum(['s', 'ms', 'iso8601']).default('s'),
      tolerance_seconds: z.int().min(1).default(300),
    })
    .optional(),
  id_header: name.optional().describe('the header behind {id}'),
})

const token = z.strictObject({
  family: z.literal('token'),
  header: name,
  prefix: z.string().optional(),
})

const basic = z.strictObject({ family: z.literal('basic'), username: z.string().optional() })

export const customSchemeSchema = z.discriminatedUnion('family', [hmac, token, basic])
export type CustomScheme = z.output<typeof customSchemeSchema>

type Definition = Pick<ProviderDefinition, 'schemes' | 'event' | 'sample' | 'settings'>

/** The definition it stands for, as far as signing and probing read one. */
export function customDefinition(custom: CustomScheme, event: ProviderDefinition['event']): ProviderDefinition {
  const definition: Definition = {
    schemes: [schemeOf(custom)],
    event,
    sample: {
      type: 'ping',
      contentType: 'application/json',
      body: '{"id":"{{id}}","type":"{{type}}","created":{{seconds}}}',
    },
  }
  const never = { headers: [], key: '', why: 'none' }
  return {
    ...definition,
    id: 'custom',
    name: 'The sender',
    category: 'custom',
    docs: '',
    keyForm: 'The shared secret.',
    setup: [''],
    rotation: '',
    payload: [{ kind: 'json' }],
    methods: ['POST'],
    delivery: { success: '', retries: '' },
    pitfalls: [],
    vectors: { accepted: [never], refused: [never] },
  }
}

function schemeOf(custom: CustomScheme): ProviderDefinition['schemes'][0] {
  if (custom.family === 'token') {
    const { header, prefix } = custom
    const place = { in: 'header' as const, name: header, ...(prefix === undefined ? {} : { prefix }) }
    return { family: 'token', name: 'custom', token: place, weakness: 'It covers no byte of the request.' }
  }
  if (custom.family === 'basic')
    return {
      family: 'basic',
      name: 'custom',
      usernameSetting: 'username',
      weakness: 'It covers no byte of the request.',
    }
  const { algorithm, header, encoding: form, prefix, pairs, signed, key, strip_prefix, timestamp, id_header } = custom
  return {
    family: 'hmac',
    name: 'custom',
    algorithm,
    key: { decode: key, ...(strip_prefix === undefined ? {} : { stripPrefix: [strip_prefix] }) },
    signature: {
      header: header.toLowerCase(),
      encoding: form,
      parse:
        pairs !== undefined
          ? {
              kind: 'pairs',
              itemSeparator: pairs.item_separator,
              valueSeparator: pairs.value_separator,
              signatureKey: pairs.signature_key,
              ...(pairs.timestamp_key === undefined ? {} : { timestampKey: pairs.timestamp_key }),
            }
          : prefix === undefined
            ? { kind: 'raw' }
            : { kind: 'prefix', prefix },
    },
    signed: [{ templates: [signed] }],
    ...(timestamp === undefined
      ? {}
      : {
          timestamp: {
            in: timestamp.header === undefined ? 'signature' : { header: timestamp.header.toLowerCase() },
            unit: timestamp.unit,
            toleranceSeconds: timestamp.tolerance_seconds,
            toleranceDocumented: true,
          },
        }),
    ...(id_header === undefined ? {} : { id: { header: id_header.toLowerCase() } }),
  }
}
