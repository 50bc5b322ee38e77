/** Digests, comparisons and public keys of known libraries, and the conditions that settle them. */

import type { Meaning } from '../knowledge/libraries.ts'
import type { Called } from './called.ts'
import { bareCheck } from './checks.ts'
import { keyOf } from './digests.ts'
import type { Origin, Place } from './facts.ts'
import type { Machine, Outcome } from './machine.ts'
import { signedOver } from './noting.ts'
import { checkOf } from './proofs.ts'
import type { State } from './state.ts'
import { derived, fromRequest, has, originsOf, textOf, UNKNOWN, unionOrigins, type Value } from './value.ts'

/** A question about two texts that are both known. */
export function decide(question: string, whole: string | undefined, part: string | undefined): boolean | undefined {
  if (whole === undefined || part === undefined) return undefined
  switch (question) {
    case 'startsWith':
    case 'HasPrefix':
      return whole.startsWith(part)
    case 'endsWith':
    case 'HasSuffix':
      return whole.endsWith(part)
    case 'contains':
    case 'Contains':
      return whole.includes(part)
    case 'equals':
      return whole === part
    case 'equalsIgnoreCase':
      return whole.toLowerCase() === part.toLowerCase()
    default:
      return undefined
  }
}

/** Prefixes and suffixes are a comparison too, and a weak one for an Origin. */
export function noteTests(name: string, args: readonly Value[], state: State): void {
  if (!/\.(?:HasPrefix|HasSuffix|Contains\w*|Index\w*|MatchString)$/.test(name)) return
  const [subject] = args
  if (subject === undefined) return
  if (originsOf(subject, 'header').some((origin) => origin.name === 'origin')) state.guard('origin-compared-weakly')
  if (has(subject, 'parsed-body', 'message')) state.guard('value-compared')
}

export function digest(
  machine: Machine,
  meaning: Extract<Meaning, { does: 'hmac' | 'hash' }>,
  args: readonly Value[],
  state: State,
  at: Place,
  name: string,
): Value {
  const keyed = meaning.does === 'hmac'
  const key = keyed && meaning.key !== undefined ? keyOf(args[meaning.key], at) : []
  const input = meaning.input === undefined ? [] : (args[meaning.input]?.origins ?? [])
  const algorithm = meaning.algorithm === undefined ? undefined : args[meaning.algorithm]
  const made = machine.record.digest({
    at,
    keyed,
    algorithm: textOf(algorithm) ?? /sha\d+|md5/i.exec(`${algorithm?.ref ?? ''} ${name}`)?.[0]?.toLowerCase(),
    algorithmFrom: (algorithm?.origins ?? []).filter((origin) => fromRequest({ origins: [origin] })),
    key,
    input,
  })
  const value: Value = {
    origins: unionOrigins([
      [{ kind: 'digest', digest: made }],
      keyed ? [] : input.filter(({ kind }) => kind === 'digest'),
    ]),
  }
  if (meaning.input !== undefined) return value
  const object = machine.freshId()
  state.create(object, undefined)
  state.set(object, '#digest', value)
  return { ...value, object, ref: 'digest()' }
}

export function regrown(
  machine: Machine,
  meaning: Extract<Meaning, { does: 'rekey' | 'update' | 'digest' }>,
  { object, at }: Called,
  args: readonly Value[],
  state: State,
): Outcome[] | undefined {
  const current = object?.object === undefined ? object : (state.get(object.object, '#digest') ?? object)
  const [origin] = current === undefined ? [] : originsOf(current, 'digest')
  if (current === undefined || origin === undefined) return undefined
  const { digest: before } = origin
  // `Sum(b)` appends to b, `doFinal(b)` takes in b first.
  const input: readonly Origin[] = unionOrigins([before.input, ...args.map((arg) => arg.origins)])
  const key = meaning.does === 'rekey' ? keyOf(args[meaning.key], at) : before.key
  const grown: Value =
    meaning.does === 'digest' && args.length === 0
      ? { origins: current.origins }
      : {
          origins: [
            {
              kind: 'digest',
              digest: machine.record.digest({ ...before, key, input: meaning.does === 'rekey' ? before.input : input }),
            },
          ],
        }
  if (object?.object !== undefined) state.set(object.object, '#digest', grown)
  const same = object?.object === undefined ? {} : { object: object.object }
  return [
    { state, value: meaning.does === 'digest' ? { origins: grown.origins } : { ...grown, ...same, ref: 'digest()' } },
  ]
}

export function compared(
  machine: Machine,
  left: Value,
  right: Value,
  constantTime: boolean,
  state: State,
  called: Called,
): Outcome[] | undefined {
  const { path, at } = called
  const check = checkOf(machine, left, right, constantTime, state, at, path)
  if (check !== undefined) return [{ state, value: { origins: [], check: { check, positive: true } } }]
  if (!constantTime) {
    const both = derived(left, right)
    if (originsOf(both, 'header').some((origin) => origin.name === 'origin')) state.guard('origin-checked')
    if (fromRequest(both)) state.guard('value-compared')
    return [{ state, value: { origins: both.origins.filter(({ kind }) => kind !== 'secret') } }]
  }
  const unknown = machine.record.check({
    ...bareCheck('delegated', path, at),
    constantTime: true,
    headers: originsOf(derived(left, right), 'header').map((origin) => origin.name),
  })
  state.ask(unknown)
  return [{ state, value: { origins: [], check: { check: unknown, positive: true } } }]
}

export function asymmetric(
  machine: Machine,
  meaning: Extract<Meaning, { does: 'asymmetric' }>,
  args: readonly Value[],
  { path, at, object }: Called,
  state: State,
): Outcome[] {
  const body = meaning.body === undefined ? derived(...args, object ?? UNKNOWN) : (args[meaning.body] ?? UNKNOWN)
  const check = machine.record.check({
    ...bareCheck('verifier', path, at),
    over: signedOver(body.origins),
    headers: args.flatMap((arg) => originsOf(arg, 'header').map((origin) => origin.name)),
  })
  state.ask(check)
  return [{ state, value: { origins: [], check: { check, positive: true } } }]
}
