/**
 * One way through the code: what the variables hold, what was checked and what was assumed.
 *
 * A branch makes two states. States that agree on everything security depends on are merged again where branches
 * meet, so their number stays small without losing which path had verified and which had not.
 */
import type { Assumption, Check, DedupeClaim, FreshnessCheck, Place, Reach } from './facts.ts'
import { join, type Value } from './value.ts'

interface Cell {
  readonly values: ReadonlyMap<string, Value>
  readonly parent: number | undefined
}

/** Written by one state only, until that forks. */
interface OwnCell extends Cell {
  readonly values: Map<string, Value>
}

/** What several states have in common; never written again. */
interface Layer {
  readonly cells: ReadonlyMap<number, Cell>
  readonly below: Layer | undefined
}

export class State {
  /** What was written since the last fork. */
  private own = new Map<number, OwnCell>()
  private shared: Layer | undefined
  passed: readonly Check[] = []
  failed: readonly Check[] = []
  evaluated: readonly Check[] = []
  assumptions: readonly Assumption[] = []
  fresh: readonly FreshnessCheck[] = []
  claims: readonly DedupeClaim[] = []
  guards: readonly string[] = []
  /** Effects that have happened on this way. */
  done: readonly string[] = []
  /** What was learnt of a symbol by testing it. */
  truths: ReadonlyMap<string, boolean> = new Map()
  /** Text a symbol was found equal to. */
  equals: ReadonlyMap<string, string> = new Map()

  /** The last key, and the lists that it was made of. */
  private keyed: { readonly of: readonly (readonly unknown[])[]; readonly text: string } = { of: [], text: '' }

  /** Objects of modules, made once and seen by every path. */
  private readonly base: State | undefined

  constructor(base?: State) {
    this.base = base
  }

  private cell(id: number): Cell | undefined {
    return this.cellHere(id) ?? this.base?.cellHere(id)
  }

  private cellHere(id: number): Cell | undefined {
    const own = this.own.get(id)
    if (own !== undefined) return own
    for (let layer = this.shared; layer !== undefined; layer = layer.below) {
      const cell = layer.cells.get(id)
      if (cell !== undefined) return cell
    }
    return undefined
  }

  /** What was written so far is shared from here on: neither changes what the other sees. */
  fork(): State {
    if (this.own.size > 0) {
      this.shared = stacked(this.own, this.shared)
      this.own = new Map()
    }
    const copy = new State(this.base)
    copy.shared = this.shared
    copy.knows(this)
    return copy
  }

  /** Goes on as the other. */
  become(other: State): void {
    const { own, shared } = other.fork()
    this.own = own
    this.shared = shared
    this.knows(other)
  }

  /** All that was learnt on the other's way, beside what variables hold. */
  private knows(other: State): void {
    this.passed = other.passed
    this.failed = other.failed
    this.evaluated = other.evaluated
    this.assumptions = other.assumptions
    this.fresh = other.fresh
    this.claims = other.claims
    this.guards = other.guards
    this.done = other.done
    this.truths = other.truths
    this.equals = other.equals
    this.keyed = other.keyed
  }

  create(id: number, parent: number | undefined): void {
    this.own.set(id, { values: new Map(), parent })
  }

  get(id: number, name: string): Value | undefined {
    return this.cell(id)?.values.get(name)
  }

  parentOf(id: number): number | undefined {
    return this.cell(id)?.parent
  }

  namesOf(id: number): readonly string[] {
    return [...(this.cell(id)?.values.keys() ?? [])]
  }

  set(id: number, name: string, value: Value): void {
    const own = this.own.get(id)
    if (own !== undefined) {
      own.values.set(name, value)
      return
    }
    const { values, parent } = this.cell(id) ?? NOTHING
    this.own.set(id, { values: new Map(values).set(name, value), parent })
  }

  /** The scope that declares a name, from `id` outwards. */
  scopeOf(id: number, name: string): number | undefined {
    for (let at: number | undefined = id; at !== undefined; at = this.cell(at)?.parent) {
      if (this.cell(at)?.values.has(name) === true) return at
    }
    return undefined
  }

  learn(symbol: string, truth: boolean): void {
    const truths = new Map(this.truths)
    truths.set(symbol, truth)
    this.truths = truths
  }

  learnText(symbol: string, text: string): void {
    const equals = new Map(this.equals)
    equals.set(symbol, text)
    this.equals = equals
  }

  pass(check: Check): void {
    if (!this.passed.includes(check)) this.passed = [...this.passed, check]
    this.failed = this.failed.filter((one) => one !== check)
  }

  fail(check: Check): void {
    if (!this.failed.includes(check) && !this.passed.includes(check)) this.failed = [...this.failed, check]
  }

  ask(check: Check): void {
    for (const effect of this.done) asked(check).add(effect)
    // Asked once more, as with the next of several keys.
    this.failed = this.failed.filter((one) => one !== check)
    if (!this.evaluated.includes(check)) this.evaluated = [...this.evaluated, check]
  }

  did(effect: string): void {
    if (!this.done.includes(effect)) this.done = [...this.done, effect]
  }

  assume(assumption: Assumption): void {
    const known = this.assumptions.some((one) => one.kind === assumption.kind && one.subject === assumption.subject)
    if (!known && this.assumptions.length < 12) this.assumptions = [...this.assumptions, assumption]
  }

  addFresh(check: FreshnessCheck): void {
    if (!this.fresh.includes(check)) this.fresh = [...this.fresh, check]
  }

  claim(claim: DedupeClaim): void {
    if (!this.claims.includes(claim)) this.claims = [...this.claims, claim]
  }

  guard(name: string): void {
    if (!this.guards.includes(name)) this.guards = [...this.guards, name]
  }

  reach(): Reach {
    return {
      passed: this.passed,
      failed: this.failed,
      untested: this.evaluated.filter((check) => !this.passed.includes(check) && !this.failed.includes(check)),
      assumptions: this.assumptions,
      fresh: this.fresh,
      claims: this.claims,
      guards: this.guards,
    }
  }

  /** What two states must agree on to be merged. `flags`: the scope whose booleans still steer the flow. */
  key(flags: number | undefined): string {
    const { passed, failed, assumptions, claims, fresh, guards } = this
    const of = [passed, failed, assumptions, claims, fresh, guards]
    // These lists are replaced, never changed.
    if (of.some((list, index) => list !== this.keyed.of[index]))
      this.keyed = {
        of,
        text: [ids(passed), ids(failed), assumed(assumptions), places(claims), places(fresh), guards.join(',')].join(
          '|',
        ),
      }
    return flags === undefined ? this.keyed.text : `${this.keyed.text}|${this.flags(flags)}`
  }

  private flags(scope: number): string {
    const parts: string[] = []
    for (let at: number | undefined = scope; at !== undefined; at = this.cellHere(at)?.parent) {
      for (const [name, value] of this.cellHere(at)?.values ?? []) {
        if (value.check !== undefined) parts.push(`${name}=${value.check.positive}${value.check.check.id}`)
        else if (value.literal !== undefined && isFlag(value.literal.value))
          parts.push(`${name}=${value.literal.value}`)
      }
    }
    return parts.join(',')
  }

  /** Takes the other's possibilities in. Both agree on `key`. */
  absorb(other: State): void {
    for (const id of this.differing(other)) {
      const cell = other.cellHere(id)
      const mine = this.cellHere(id)
      if (cell === undefined || cell === mine) continue
      if (mine === undefined) {
        this.own.set(id, { values: new Map(cell.values), parent: cell.parent })
        continue
      }
      for (const [name, value] of cell.values) {
        const known = mine.values.get(name)
        if (known !== value) this.set(id, name, known === undefined ? value : join(known, value))
      }
    }
    this.evaluated = [...this.evaluated, ...other.evaluated.filter((check) => !this.evaluated.includes(check))]
    this.done = [...new Set([...this.done, ...other.done])]
    this.truths = agreed(this.truths, other.truths)
    this.equals = agreed(this.equals, other.equals)
  }

  /** The cells that one of the two has written since they were one; what they share needs no look. */
  private differing(other: State): ReadonlySet<number> {
    const ids = new Set([...this.own.keys(), ...other.own.keys()])
    const layers = new Set(layersOf(this.shared))
    const common = new Set<Layer>()
    for (const layer of layersOf(other.shared)) {
      if (layers.has(layer)) common.add(layer)
      else for (const id of layer.cells.keys()) ids.add(id)
    }
    for (const layer of layers) if (!common.has(layer)) for (const id of layer.cells.keys()) ids.add(id)
    return ids
  }
}

function ids(checks: readonly Check[]): string {
  return sorted(checks.map(({ id }) => String(id)))
}

function assumed(assumptions: readonly Assumption[]): string {
  return sorted(assumptions.map(({ kind, subject }) => `${kind}:${subject}`))
}

function places(list: readonly { readonly at: Place }[]): string {
  return sorted(list.map(({ at }) => `${at.line}:${at.column}`))
}

function sorted(texts: readonly string[]): string {
  return [...texts].sort().join(',')
}

const NOTHING: Cell = { values: new Map(), parent: undefined }

function* layersOf(top: Layer | undefined): Generator<Layer> {
  for (let layer = top; layer !== undefined; layer = layer.below) yield layer
}

/** As a binary counter carries: each layer is at least twice as large as the one above it, so that few are looked through. */
function stacked(cells: ReadonlyMap<number, Cell>, below: Layer | undefined): Layer {
  if (below === undefined || below.cells.size > 2 * cells.size) return { cells, below }
  return stacked(new Map([...below.cells, ...cells]), below.below)
}

const askedAfter = new WeakMap<Check, Set<string>>()

function asked(check: Check): Set<string> {
  const known = askedAfter.get(check) ?? new Set()
  askedAfter.set(check, known)
  return known
}

/** Whether some way makes the check only after that effect. */
export function isAskedAfter(check: Check, effect: string): boolean {
  return askedAfter.get(check)?.has(effect) === true
}

function isFlag(value: unknown): boolean {
  return typeof value === 'boolean' || value === null || value === undefined
}

function agreed<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  if (a === b) return a
  return new Map([...a].filter(([key, value]) => b.get(key) === value))
}

const MAX_STATES = 24

/** Where branches meet. `overflow` is told when states had to be dropped, so that nobody says "missing" afterwards. */
export function mergeStates(states: readonly State[], flags: number | undefined, overflow: () => void): State[] {
  if (states.length < 2) return [...states]
  const merged = mergeBy(states, flags)
  if (merged.length <= MAX_STATES) return merged
  const coarse = mergeBy(merged, undefined)
  if (coarse.length <= MAX_STATES) return coarse
  overflow()
  return coarse.slice(0, MAX_STATES)
}

function mergeBy(states: readonly State[], flags: number | undefined): State[] {
  const groups = new Map<string, State>()
  for (const state of states) {
    const key = state.key(flags)
    const same = groups.get(key)
    if (same === undefined) groups.set(key, state)
    else if (same !== state) same.absorb(state)
  }
  return [...groups.values()]
}

/** What is known where an error is of a class whose text is written for the caller. */
export const OWN_ERROR = 'own-error'
