/**
 * State-changing operations of a manifest (`api.state_changing_operations`): each is a surface of its own, judged
 * on what happens when the same request comes twice. Any one of several mechanisms is enough to tell a repeat,
 * so these keys cannot be judged one by one like the others.
 */
import type { ControlId } from '../../catalogue/catalogue.ts'
import type { Evidence, ExaminedSurface } from '../../catalogue/evidence.ts'
import type { Traits } from '../../catalogue/surfaces.ts'
import { normaliseKey } from './field.ts'
import { evidenceFor, type FieldContext, type Judgement, judgeFlag } from './interpret-field.ts'
import { describeNode, type ManifestNode, type MapEntry, type MapNode, type Problem, problemAt } from './node.ts'
import { readDuration, readWord } from './values.ts'

/** Where no durable store of ids backs a window, ten minutes is the most that clock skew and retries need. */
const WIDEST_UNBACKED_SECONDS = 600

const REPLAY_KEYS = [
  'idempotency_key_required',
  'event_id_required',
  'nonce_required',
  'version_check',
  'provider_event_id_stored',
  'event_id_store',
] as const
const EVENT_KEYS = [
  'provider_event_id_stored',
  'event_id_store',
  'duplicate_event_behavior',
  'queue_redelivery_dedup',
  'signature_timestamp_window',
] as const

export const OPERATION_KEYS: readonly string[] = [
  ...REPLAY_KEYS,
  ...EVENT_KEYS,
  'operation',
  'style',
  'side_effect',
  'idempotency_key_header',
  'binding',
  'duplicate_detection',
  'retry_response',
  'duplicate_responses',
  'replay_window',
  'nonce_window',
  'concurrency_test',
  'failed_attempt_can_retry',
  'logging',
  'inventory_source',
  'name',
  'description',
  'id',
]

export interface ReadOperation {
  readonly surface: ExaminedSurface
  readonly problems: readonly Problem[]
  readonly unknownKeys: readonly MapEntry[]
}

export function readOperation(node: MapNode, observed: MapNode | undefined): ReadOperation {
  const fields = new Map(node.entries.map((entry) => [normaliseKey(entry.key), entry]))
  const problems: Problem[] = []
  const name = textOf(fields.get('operation')) ?? textOf(fields.get('name')) ?? 'operation'
  const eventDriven = EVENT_KEYS.some((key) => fields.has(key)) || /webhook|callback|\bevent\b/i.test(name)
  const reader = new OperationReader(fields, problems, eventDriven)
  const traits: Traits = { eventDriven, clientKey: !eventDriven }
  const evidence = [
    ...reader.replayControl(),
    ...reader.binding(),
    ...reader.atomicity(),
    ...reader.flagged('retry-not-poisoned', ['failed_attempt_can_retry']),
    ...reader.outcome(),
    ...reader.durability(),
    ...reader.window(),
    ...reader.concurrency(),
    ...reader.telemetry(),
    ...observedEffects(observed, `${name} ${textOf(fields.get('side_effect')) ?? ''}`, eventDriven),
  ]
  return {
    surface: {
      id: name,
      style: 'operation',
      route: name,
      location: node.at,
      traits,
      evidence,
      missingArtifacts: [],
    },
    problems,
    unknownKeys: node.entries.filter((entry) => !OPERATION_KEYS.includes(normaliseKey(entry.key))),
  }
}

class OperationReader {
  readonly #fields: ReadonlyMap<string, MapEntry>
  readonly #problems: Problem[]
  readonly #eventDriven: boolean

  constructor(fields: ReadonlyMap<string, MapEntry>, problems: Problem[], eventDriven: boolean) {
    this.#fields = fields
    this.#problems = problems
    this.#eventDriven = eventDriven
  }

  replayControl(): readonly Evidence[] {
    return this.anyOf('operation-replay-control', REPLAY_KEYS)
  }

  /** One good mechanism is enough; only when all that are stated are refused is the control unsafe. */
  anyOf(control: ControlId, keys: readonly string[]): readonly Evidence[] {
    const stated = keys.flatMap((key) => {
      const entry = this.#fields.get(key)
      return entry === undefined ? [] : [{ entry, judgement: this.#judge(entry) }]
    })
    const best =
      stated.find(({ judgement }) => judgement.good === true) ??
      stated.find(({ judgement }) => judgement.good === false)
    return best === undefined ? [] : evidenceFor([control], best.judgement, contextOf(best.entry))
  }

  flagged(control: ControlId, keys: readonly string[]): readonly Evidence[] {
    return keys.flatMap((key) => {
      const entry = this.#fields.get(key)
      return entry === undefined ? [] : evidenceFor([control], this.#judge(entry), contextOf(entry))
    })
  }

  binding(): readonly Evidence[] {
    const entry = this.#fields.get('binding')
    if (entry === undefined) return []
    if (entry.value.kind !== 'map' || entry.value.entries.length === 0) {
      return evidenceFor(['replay-key-binding'], this.#judge(entry), contextOf(entry))
    }
    const unbound = entry.value.entries.filter((part) => this.#judge(part).good === false).map((part) => part.key)
    const judgement: Judgement =
      unbound.length === 0
        ? { good: true, why: 'names what the key is bound to' }
        : { good: false, why: `leaves out ${unbound.join(', ')}`, stated: 'false' }
    return evidenceFor(['replay-key-binding'], judgement, contextOf(entry))
  }

  atomicity(): readonly Evidence[] {
    const entry = this.#fields.get('duplicate_detection')
    const versioned = this.flagged('duplicate-check-atomicity', ['version_check']).filter(
      (piece) => piece.state === 'present',
    )
    if (entry === undefined) return versioned
    if (entry.value.kind !== 'map' || entry.value.entries.length === 0) {
      return [...versioned, ...evidenceFor(['duplicate-check-atomicity'], this.#judge(entry), contextOf(entry))]
    }
    const failing = entry.value.entries.filter((part) => this.#judge(part).good === false || isVolatile(part))
    const judgement: Judgement =
      failing.length === 0
        ? { good: true, why: 'is durable and atomic' }
        : { good: false, why: `fails on ${failing.map((part) => part.key).join(', ')}`, stated: 'false' }
    return [...versioned, ...evidenceFor(['duplicate-check-atomicity'], judgement, contextOf(entry))]
  }

  outcome(): readonly Evidence[] {
    return ['retry_response', 'duplicate_event_behavior', 'duplicate_responses'].flatMap((key) => {
      const entry = this.#fields.get(key)
      return entry === undefined ? [] : evidenceFor(['retry-outcome'], judgeOutcome(entry.value), contextOf(entry))
    })
  }

  durability(): readonly Evidence[] {
    const stored = this.anyOf('event-id-durability', ['event_id_store', 'provider_event_id_stored'])
    const redelivery = this.flagged('event-id-durability', ['queue_redelivery_dedup'])
    const fromQueue = this.flagged('duplicate-check-atomicity', ['queue_redelivery_dedup'])
    return this.#eventDriven ? [...stored, ...redelivery, ...fromQueue] : stored
  }

  window(): readonly Evidence[] {
    const backed = this.anyOf('replay-window', REPLAY_KEYS).some((piece) => piece.state === 'present')
    return ['replay_window', 'signature_timestamp_window', 'nonce_window'].flatMap((key) => {
      const entry = this.#fields.get(key)
      if (entry === undefined) return []
      const judgement = judgeWindow(entry.value, backed)
      if (judgement.good === 'wrong') this.#wrong(entry, judgement.expected)
      return evidenceFor(['replay-window'], judgement, contextOf(entry))
    })
  }

  concurrency(): readonly Evidence[] {
    return this.flagged('concurrency-proof', ['concurrency_test'])
  }

  telemetry(): readonly Evidence[] {
    const entry = this.#fields.get('logging')
    if (entry === undefined) return []
    if (entry.value.kind !== 'map') return evidenceFor(['replay-telemetry'], this.#judge(entry), contextOf(entry))
    return entry.value.entries.flatMap((part) => evidenceFor(['replay-telemetry'], this.#judge(part), contextOf(part)))
  }

  #judge(entry: MapEntry): Judgement {
    const judgement = judgeFlag(entry.value)
    if (judgement.good === 'wrong') this.#wrong(entry, judgement.expected)
    return judgement
  }

  #wrong(entry: MapEntry, expected: string): void {
    this.#problems.push(
      problemAt(entry.value.at, `${entry.key} must be ${expected}, not ${describeNode(entry.value)}.`),
    )
  }
}

function judgeOutcome(node: ManifestNode): Judgement {
  if (node.kind !== 'scalar') return { good: 'silent' }
  const word = readWord(node.value)
  if (word.is !== 'text') return judgeFlag(node)
  if (/again|creates?_?\s?(a_)?new|second|repeat|reprocess|another|twice|new_(charge|effect|record)/i.test(word.text)) {
    return { good: false, why: 'describes a second effect', stated: 'value' }
  }
  if (
    /original|same|conflict|reject|refus|ignor|no_?-?op|skip|\b(200|204|208|409|412|422)\b|_(200|204|409|412|422)/i.test(
      word.text,
    )
  ) {
    return { good: true, why: 'describes no second effect' }
  }
  return { good: 'silent' }
}

function judgeWindow(node: ManifestNode, backed: boolean): Judgement {
  if (node.kind !== 'scalar') return { good: 'wrong', expected: 'a duration such as 5m' }
  const word = readWord(node.value)
  const seconds = word.is === 'number' ? word.number : word.is === 'text' ? readDuration(word.text) : undefined
  if (seconds === undefined) {
    if (word.is === 'text' || word.is === 'wrong') return { good: 'wrong', expected: 'a duration such as 5m' }
    return judgeFlag(node)
  }
  if (seconds <= 0) return { good: false, why: 'bounds nothing', stated: 'value' }
  if (seconds > WIDEST_UNBACKED_SECONDS && !backed) {
    return {
      good: false,
      why: `is ${seconds}s without a store of ids; ${WIDEST_UNBACKED_SECONDS}s is the most`,
      stated: 'value',
    }
  }
  return { good: true, why: `is ${seconds}s` }
}

/** `charges_created: 2` after `requests: 2` disproves the control; one effect of several sends supports it. */
function observedEffects(observed: MapNode | undefined, operation: string, eventDriven: boolean): readonly Evidence[] {
  return (observed?.entries ?? []).flatMap((experiment) => {
    const parts = experiment.value.kind === 'map' ? experiment.value.entries : []
    const sends = numberOf(parts.find((part) => /^(requests|deliveries|attempts|sends)$/.test(normaliseKey(part.key))))
    const effect = parts.find((part) => /_created$|^effects$|_applied$/.test(normaliseKey(part.key)))
    const effects = numberOf(effect)
    if (sends === undefined || effects === undefined || effect === undefined || sends < 2) return []
    const isDelivery = parts.some((part) => normaliseKey(part.key) === 'deliveries')
    const stem = normaliseKey(effect.key).split('_')[0]?.slice(0, 5) ?? ''
    const named = operation.toLowerCase().includes(stem)
    if (!named && isDelivery !== eventDriven) return []
    const judgement: Judgement =
      effects <= 1
        ? { good: true, why: `shows ${effects} effect of ${sends} sends` }
        : { good: false, why: `shows ${effects} effects of ${sends} sends`, stated: 'value' }
    return evidenceFor(['retry-outcome'], judgement, { ...contextOf(effect), key: `${experiment.key}.${effect.key}` })
  })
}

function contextOf(entry: MapEntry): FieldContext {
  return { key: entry.key, keyAt: entry.keyAt, place: 'unknown', source: 'manifest' }
}

function isVolatile({ key, value }: MapEntry): boolean {
  return (
    normaliseKey(key) === 'storage' &&
    value.kind === 'scalar' &&
    /memory|process|local|cookie/i.test(String(value.value))
  )
}

function textOf(entry: MapEntry | undefined): string | undefined {
  if (entry?.value.kind !== 'scalar' || typeof entry.value.value !== 'string') return undefined
  return entry.value.value
}

function numberOf(entry: MapEntry | undefined): number | undefined {
  return entry?.value.kind === 'scalar' && typeof entry.value.value === 'number' ? entry.value.value : undefined
}
