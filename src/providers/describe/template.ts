/** What the tokens of a template of signed bytes stand for, for a reader. */
import type { Template } from '../definition.ts'
import { code } from './code.ts'

/** As it is written in a definition, on one line. */
export function showTemplate(template: Template): string {
  return code(template)
}

/** Each kind of token with its meaning, once. `keyName`: what the pasted key is, where it is no secret. */
export function explainTokens(templates: readonly Template[], keyName: string | undefined): readonly string[] {
  const tokens = templates.flatMap((template) => template.match(/\{[^{}]*\}/g) ?? [])
  return [...new Set(tokens.map((token) => explain(token.slice(1, -1), keyName)))]
}

const MEANINGS: Readonly<Record<string, string>> = {
  body: 'the body, byte for byte as it was sent',
  ts: 'the time, as the text that was sent',
  id: 'the message id, from its header',
  url: 'the public URL with its query, exactly as the provider has it',
  'url:unescaped': 'the public URL with its query, some escapes undone',
  'path:encoded': 'path and query of the public URL, percent-encoded',
  method: 'the method, in upper case',
  'crc32:body': 'the CRC-32 of the body, as a decimal number',
  'form:sorted': 'the form’s fields sorted by name, names and values one after the other without separators',
  'form:php': 'the form’s fields sorted by name, written as PHP’s `serialize()` does, without the signature',
}

/** Of tokens that name something, by what stands before the colon. */
const NAMED: Readonly<Record<string, string>> = {
  header: 'the value of that header',
  query: 'that query parameter',
  config: 'that setting of the integration',
  form: 'that form field, decoded',
  body: 'the JSON value there, as text',
  item: 'the value there in the item; nothing when it is missing',
  lines:
    'of each of these JSON members its name, a line feed, its value, a line feed; those with `?` only when they are there',
  'listed-headers': 'the headers that this one lists, as `name:value` in lower-case name order, joined with `;`',
}

function explain(inside: string, keyName: string | undefined): string {
  if (inside === 'key') return `\`{key}\` is ${keyName === undefined ? 'the secret itself' : `the ${keyName}`}`
  const plain = Object.hasOwn(MEANINGS, inside) ? MEANINGS[inside] : undefined
  if (plain !== undefined) return `\`{${inside}}\` is ${plain}`
  const [kind = ''] = inside.split(':', 1)
  return `\`{${kind}:…}\` is ${NAMED[kind] ?? kind}`
}
