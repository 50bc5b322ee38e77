/** From one key and its value to evidence; absent, false, null and empty stay four different statements. */
import type { ControlId } from '../../catalogue/catalogue.ts'
import type { Evidence, Location, Stated } from '../../catalogue/evidence.ts'
import type { Trait } from '../../catalogue/surfaces.ts'
import type { EvidenceSource, Place } from '../../catalogue/terms.ts'
import { type Field, normaliseKey } from './field.ts'
import { describeNode, type ManifestNode } from './node.ts'
import { readCount, readDuration, readRate, readSize, readWord } from './values.ts'

export interface FieldContext {
  /** The key as written, for messages. */
  readonly key: string
  readonly keyAt: Location
  readonly place: Place
  readonly source: EvidenceSource
  readonly verification?: string
}

export interface Interpreted {
  readonly evidence: readonly Evidence[]
  readonly traits: Readonly<Partial<Record<Trait, boolean>>>
  /** Set when the value cannot be a value of this key: the file has no verdict. */
  readonly wrong?: string
}

/** How good a value is, and why; `silent` says nothing about the control. */
export type Judgement =
  | { readonly good: true; readonly why: string }
  | { readonly good: false; readonly why: string; readonly stated: Stated }
  | { readonly good: 'silent' }
  | { readonly good: 'wrong'; readonly expected: string }

export function interpretField(field: Field, node: ManifestNode, context: FieldContext): Interpreted {
  const judgement = judgeValue(field, node, context.key)
  if (judgement.good === 'wrong') {
    return {
      evidence: [],
      traits: {},
      wrong: `${context.key} must be ${judgement.expected}, not ${describeNode(node)}.`,
    }
  }
  return { evidence: evidenceOf(field, judgement, context), traits: traitsOf(field, node, judgement) }
}

/** Turns a judgement into evidence about the given controls. */
export function evidenceFor(
  controls: readonly ControlId[],
  judgement: Judgement,
  context: FieldContext,
): readonly Evidence[] {
  if (judgement.good !== true && judgement.good !== false) return []
  const { keyAt, place, source, verification } = context
  return controls.map((control) => ({
    control,
    state: judgement.good ? 'present' : judgement.stated === 'null' ? 'absent' : 'unsafe',
    place,
    source,
    detail: `${context.key} ${judgement.why}.`,
    location: keyAt,
    stated: judgement.good ? 'value' : judgement.stated,
    ...(verification === undefined ? {} : { verification }),
  }))
}

function evidenceOf(field: Field, judgement: Judgement, context: FieldContext): readonly Evidence[] {
  const proven = judgement.good === true ? (field.proves ?? []) : []
  return evidenceFor([...field.controls, ...proven], judgement, context)
}

function traitsOf(field: Field, node: ManifestNode, judgement: Judgement): Interpreted['traits'] {
  if (field.trait === undefined) return {}
  const { name, bothWays } = field.trait
  if (field.kind !== 'note') {
    // Speaking of it at all says that it exists, whether it is guarded or not.
    const spoken = judgement.good === true || (judgement.good === false && name !== 'mutualTls')
    return spoken ? { [name]: true } : {}
  }
  const word = node.kind === 'scalar' ? readWord(node.value).is : 'text'
  if (word === 'yes' || word === 'text') return { [name]: true }
  return word === 'no' && bothWays ? { [name]: false } : {}
}

function judgeValue(field: Field, node: ManifestNode, key: string): Judgement {
  switch (field.kind) {
    case 'flag':
      return judgeFlag(node)
    case 'confession':
      return judgeConfession(node)
    case 'list':
      return judgeList(node, field.controls.includes('origin-allowlist'))
    case 'duration':
      return judgeAmount(node, {
        read: readDuration,
        scale: unitOf(key, field.unitSeconds ?? 1),
        unit: 's',
        field,
        key,
      })
    case 'size':
      return judgeAmount(node, { read: readSize, scale: 1, unit: ' bytes', field, key })
    case 'count':
    case 'rate':
      return judgeAmount(node, { read: readRate, scale: 1, unit: '', field, key })
    case 'note':
      return { good: 'silent' }
  }
}

export function judgeFlag(node: ManifestNode): Judgement {
  if (node.kind !== 'scalar') {
    const size = node.kind === 'list' ? node.items.length : node.entries.length
    return size === 0 ? bad('is empty', 'empty') : { good: 'wrong', expected: 'true or false' }
  }
  const word = readWord(node.value)
  switch (word.is) {
    case 'yes':
      return { good: true, why: 'is true' }
    case 'text':
      return { good: true, why: 'names a mechanism' }
    case 'number':
      return { good: 'wrong', expected: 'true or false' }
    case 'wrong':
      return { good: 'wrong', expected: word.expected }
    default:
      return judgeWord(word.is)
  }
}

function judgeConfession(node: ManifestNode): Judgement {
  if (node.kind !== 'scalar') return { good: 'wrong', expected: 'true or false' }
  const word = readWord(node.value)
  if (word.is === 'wrong') return { good: 'wrong', expected: word.expected }
  if (word.is === 'number') return { good: 'wrong', expected: 'true or false' }
  return word.is === 'yes' ? bad('is true', 'value') : { good: 'silent' }
}

function judgeList(node: ManifestNode, origins: boolean): Judgement {
  if (node.kind === 'map')
    return node.entries.length === 0 ? bad('is empty', 'empty') : { good: 'wrong', expected: 'a list of texts' }
  if (node.kind === 'scalar' && typeof node.value !== 'string') {
    if (typeof node.value === 'number') return { good: 'wrong', expected: 'a list of texts' }
    return judgeWord(readWord(node.value).is)
  }
  const items = node.kind === 'list' ? node.items : [node]
  if (items.length === 0) return bad('is empty', 'empty')
  const texts = items.map((item) =>
    item.kind === 'scalar' && typeof item.value === 'string' ? item.value.trim() : undefined,
  )
  if (texts.some((text) => text === undefined)) return { good: 'wrong', expected: 'a list of texts' }
  if (node.kind === 'scalar') {
    const word = readWord(node.value)
    if (word.is !== 'text' && word.is !== 'wrong') return judgeWord(word.is)
  }
  const permissive = texts.some((text) => text !== undefined && isPermissive(text, origins))
  return permissive ? bad('allows any value', 'value') : { good: true, why: `names ${texts.length}` }
}

/** An Origin list with any wildcard admits hosts nobody listed; an event list is open only with a bare one. */
function isPermissive(text: string, origins: boolean): boolean {
  if (/^(\*+|\.\*|any|all|null)$/i.test(text)) return true
  return origins && text.includes('*')
}

interface Amount {
  readonly read: (text: string) => number | undefined
  readonly scale: number
  readonly unit: string
  readonly field: Field
  readonly key: string
}

function judgeAmount(node: ManifestNode, amount: Amount): Judgement {
  const expected = `a ${amount.field.kind} such as ${String(amount.field.example)}`
  if (node.kind !== 'scalar') {
    const size = node.kind === 'list' ? node.items.length : node.entries.length
    return size === 0 ? bad('is empty', 'empty') : { good: 'wrong', expected }
  }
  if (typeof node.value === 'number') return judgeNumber(node.value * amount.scale, amount)
  if (typeof node.value === 'string') {
    const bare = readCount(node.value)
    const read = bare === undefined ? amount.read(node.value) : bare * amount.scale
    if (read !== undefined) return judgeNumber(read, amount)
  }
  const word = readWord(node.value)
  if (word.is === 'yes' && !/_(seconds|minutes|hours|bytes)$/.test(normaliseKey(amount.key)))
    return { good: true, why: 'is true' }
  if (word.is === 'yes' || word.is === 'text' || word.is === 'wrong' || word.is === 'number')
    return { good: 'wrong', expected }
  return judgeWord(word.is)
}

function judgeNumber(value: number, { field, unit }: Amount): Judgement {
  if (!Number.isFinite(value)) return { good: 'wrong', expected: 'a number' }
  if (value <= 0) return bad(`is ${value}${unit}, which limits nothing`, 'value')
  if (field.max !== undefined && value > field.max)
    return bad(`is ${value}${unit}, over the ${field.max}${unit} accepted`, 'value')
  return { good: true, why: `is ${value}${unit}` }
}

/** `session_revalidated_every_minutes` and `job_ttl_hours` carry their unit in the name. */
function unitOf(key: string, fallback: number): number {
  const name = normaliseKey(key)
  if (name.endsWith('_seconds')) return 1
  if (name.endsWith('_minutes')) return 60
  return name.endsWith('_hours') ? 3600 : fallback
}

function judgeWord(word: 'yes' | 'no' | 'null' | 'empty' | 'unknown' | 'text' | 'number' | 'wrong'): Judgement {
  switch (word) {
    case 'yes':
      return { good: true, why: 'is true' }
    case 'no':
      return bad('says no', 'false')
    case 'null':
      return bad('is null', 'null')
    case 'empty':
      return bad('is empty', 'empty')
    default:
      return { good: 'silent' }
  }
}

function bad(why: string, stated: Stated): Judgement {
  return { good: false, why, stated }
}
