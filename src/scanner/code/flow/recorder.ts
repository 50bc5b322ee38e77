/** Notes what happens on the way. One thing at one place is one record, however many paths lead to it. */
import type {
  CallSite,
  Check,
  DedupeClaim,
  Digest,
  Effect,
  FreshnessCheck,
  Origin,
  Place,
  Reach,
  TraceNote,
  ValueUse,
} from './facts.ts'
import { isAskedAfter, OWN_ERROR, type State } from './state.ts'
import { has, originKey, originsOf, type Value } from './value.ts'

type EffectSeen = Omit<Effect, 'reaches' | 'checkedAfter' | 'via'>
type UseSeen = Omit<ValueUse, 'reaches' | 'via'>

export class Recorder {
  readonly digests: Digest[] = []
  readonly incomplete: TraceNote[] = []
  readonly headersRead = new Set<string>()
  readonly fieldsRead = new Set<string>()
  readonly testedOrigins: Origin[] = []
  readsBody = false
  readAt: Place | undefined
  readonly messagesParsedAt: Place[] = []
  /** `message`: inside a socket's message handler. */
  phase: 'request' | 'message' = 'request'
  unboundedAt: Place | undefined
  readonly guards = new Set<string>()
  /** Above 0 while the initial values of modules are worked out: that is no part of the request. */
  depth = 0
  /** The calls of the project's own code that are running. */
  readonly calls: CallSite[] = []
  private readonly checksByKey = new Map<string, Check>()
  private readonly claimsByKey = new Map<string, DedupeClaim>()
  private readonly freshByKey = new Map<string, FreshnessCheck>()
  private readonly effectsByKey = new Map<
    string,
    { readonly seen: EffectSeen; readonly via: readonly CallSite[]; readonly reaches: Map<string, Reach> }
  >()
  private readonly usesByKey = new Map<
    string,
    { seen: UseSeen; readonly via: readonly CallSite[]; readonly reaches: Map<string, Reach> }
  >()

  get checks(): readonly Check[] {
    return [...this.checksByKey.values()]
  }
  get claims(): readonly DedupeClaim[] {
    return [...this.claimsByKey.values()]
  }
  get freshness(): readonly FreshnessCheck[] {
    return [...this.freshByKey.values()]
  }
  get effects(): readonly Effect[] {
    return [...this.effectsByKey].map(([key, { seen, via, reaches }]) => ({
      ...seen,
      via,
      reaches: [...reaches.values()],
      checkedAfter: this.checks.filter((check) => isAskedAfter(check, key)),
    }))
  }
  get uses(): readonly ValueUse[] {
    return [...this.usesByKey.values()].map(({ seen, via, reaches }) => ({
      ...seen,
      via,
      reaches: [...reaches.values()],
    }))
  }

  check(spec: Omit<Check, 'id' | 'via'>): Check {
    const key = `${placeKey(spec.at)}|${spec.kind}|${spec.name}|${spec.over}|${spec.headers.join()}|${spec.secrets.map((one) => one.name).join()}`
    const known = this.checksByKey.get(key)
    if (known !== undefined) return known
    const check: Check = { ...spec, id: this.checksByKey.size + 1, via: [...this.calls] }
    this.checksByKey.set(key, check)
    return check
  }

  /** What the platform's function does with input that an attacker chooses; known only where it is called. */
  raises(check: Check, on: 'length' | 'type'): void {
    Object.assign(check, { raisesOnOddInput: on })
  }

  dropped(check: Check, at: Place): void {
    Object.assign(check, { droppedAt: at })
  }

  /** Something security may need was out of sight; once a place. */
  missed(note: TraceNote): void {
    if (this.depth === 0 && !this.incomplete.some((one) => one.message === note.message && one.line === note.line))
      this.incomplete.push(note)
  }

  /** The body is read here, raw or parsed. */
  reads(at: Place): void {
    this.readsBody = true
    this.readAt ??= at
  }

  /** A message of a socket becomes an object here. */
  parsesMessage(at: Place): void {
    if (!this.messagesParsedAt.some((one) => placeKey(one) === placeKey(at))) this.messagesParsedAt.push(at)
  }

  /** Read to its end, wherever that is. */
  unbounded(at: Place): void {
    if (this.depth === 0) this.unboundedAt ??= at
  }

  digest(digest: Digest): Digest {
    this.digests.push(digest)
    return digest
  }

  effect(state: State, seen: EffectSeen): void {
    if (this.depth > 0) return
    const key = `${placeKey(seen.at)}|${seen.name}`
    const known = this.effectsByKey.get(key)
    const ofMessage = this.phase === 'message' ? { ofMessage: true as const } : {}
    // What flows into it is everything that does on any way.
    const uses = known === undefined ? seen.uses : distinct([...known.seen.uses, ...seen.uses])
    const noted =
      known === undefined
        ? { seen: { ...seen, ...ofMessage }, via: [...this.calls], reaches: new Map<string, Reach>() }
        : { ...known, seen: { ...known.seen, ...ofMessage, uses } }
    this.effectsByKey.set(key, noted)
    this.reached(noted.reaches, state)
    state.did(key)
  }

  use(state: State, seen: UseSeen): void {
    if (this.depth > 0) return
    if (seen.kind === 'leak' && seen.detail === undefined && state.guards.includes(OWN_ERROR)) return
    // Where one line gives both, the answer made of what was found is not the refusal.
    const found = seen.kind === 'response' && seen.origins.some(({ kind }) => kind === 'stored')
    const key = `${placeKey(seen.at)}|${seen.kind}|${seen.name}${found ? '|found' : ''}`
    const known = this.usesByKey.get(key)
    if (known === undefined) {
      const reaches = new Map<string, Reach>()
      this.reached(reaches, state)
      this.usesByKey.set(key, { seen, via: [...this.calls], reaches })
      return
    }
    // A use is guarded only when it is on every path; what flows in is everything that does on any.
    known.seen = {
      ...known.seen,
      guarded: known.seen.guarded && seen.guarded,
      origins: distinct([...known.seen.origins, ...seen.origins]),
    }
    this.reached(known.reaches, state)
  }

  private reached(reaches: Map<string, Reach>, state: State): void {
    reaches.set(state.key(undefined), state.reach())
    this.ended(state)
  }

  ended(state: State): void {
    for (const guard of state.guards) this.guards.add(guard)
  }

  claimAt(at: Place, kind: DedupeClaim['kind'], key: readonly Origin[], name: string): DedupeClaim {
    const id = `${placeKey(at)}|${kind}`
    const known = this.claimsByKey.get(id)
    if (known !== undefined) return known
    const claim: DedupeClaim = { at, kind, key, name }
    this.claimsByKey.set(id, claim)
    return claim
  }

  claim(state: State, { kind, at, key, name }: DedupeClaim): DedupeClaim {
    const claim = this.claimAt(at, kind, key, name)
    state.claim(claim)
    return claim
  }

  fresh(state: State, spec: FreshnessCheck): FreshnessCheck {
    const key = `${placeKey(spec.at)}|${spec.sides}`
    const check = this.freshByKey.get(key) ?? spec
    this.freshByKey.set(key, check)
    state.addFresh(check)
    return check
  }

  lookup(
    state: State,
    { name, at, key, scope, memory }: { name: string; at: Place; key: Value; scope: readonly Value[]; memory: boolean },
  ): void {
    this.use(state, {
      kind: 'lookup',
      name,
      at,
      origins: key.origins,
      guarded: scope.some((value) => has(value, 'identity', 'secret')),
      ...(memory ? { detail: 'memory' } : {}),
    })
  }

  /** What is thrown may be what the caller reads. */
  thrown(value: Value, at: Place, state: State): void {
    if (
      has(value, 'exception') &&
      /HTTPException|HttpException|BadRequest|InternalServerError|APIException|createError|HTTPError/.test(
        value.ref ?? value.instance?.cls.name ?? '',
      )
    )
      this.use(state, {
        kind: 'leak',
        name: value.ref ?? 'raise',
        at: leakedAt(value, at),
        origins: value.origins,
        guarded: false,
      })
  }

  yielded(value: Value, at: Place, state: State): void {
    this.use(state, { kind: 'response', name: 'yield', at, origins: value.origins, guarded: false })
  }

  /** The value decides which branch runs. */
  tested(value: Value): void {
    for (const origin of value.origins) this.testedOrigins.push(origin)
    for (const origin of originsOf(value, 'parsed-body')) this.field(origin.path)
  }

  header(name: string): void {
    if (this.depth === 0 && name !== '') this.headersRead.add(name)
  }

  field(path: string): void {
    if (this.depth === 0 && path !== '' && this.fieldsRead.size < 200) this.fieldsRead.add(path)
  }
}

function distinct(origins: readonly Origin[]): readonly Origin[] {
  return [...new Map(origins.map((one) => [originKey(one), one])).values()]
}

function placeKey({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`
}

/** The line of a longer answer on which the error's text is put into it. */
export function leakedAt(value: Value, at: Place): Place {
  const texts = value.origins.flatMap((origin) =>
    origin.kind === 'exception' && origin.at !== undefined ? [origin.at] : [],
  )
  return texts.find(({ file, line }) => file === at.file && line > at.line && line - at.line < LONGEST_ANSWER) ?? at
}
const LONGEST_ANSWER = 15
