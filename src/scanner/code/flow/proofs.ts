/**
 * Comparisons that prove something: a signature or a token that was shown, a caller who owns what he asks for; and
 * what may let such a proof pass that is none, such as a secret that nobody has set.
 */

import { bareCheck } from './checks.ts'
import type { Check, Digest, Place, Secret, TraceNote } from './facts.ts'
import type { Machine } from './machine.ts'
import { headersOf, signedOver } from './noting.ts'
import { OR_NULL } from './role-calls.ts'
import type { State } from './state.ts'
import { fromRequest, has, originsOf, textOf, type Value } from './value.ts'

/** A comparison that proves who sent something; `undefined` for every other. */
export function checkOf(
  interpreter: Machine,
  left: Value,
  right: Value,
  constantTime: boolean,
  state: State,
  at: Place,
  name: string,
): Check | undefined {
  const digestSide = [left, right].find((value) => has(value, 'digest'))
  const other = digestSide === left ? right : left
  const owner = ownerCheck(interpreter, left, right, state, at)
  if (owner !== undefined) return owner
  if (digestSide !== undefined) {
    const digest = innermost(originsOf(digestSide, 'digest').map((origin) => origin.digest))
    if (digest === undefined) return undefined
    const secrets = secretsOf(digest, at)
    const given = other.origins.length === 0 ? digestSide : other
    if (!digest.keyed && secrets.length === 0) return undefined
    if (other.literal !== undefined) return undefined
    const check = interpreter.record.check({
      ...bareCheck('signature', name, at),
      constantTime,
      over: signedOver(digest.input),
      secrets,
      digest,
      given: other === left ? 'left' : 'right',
      headers: headersOf(given),
      openWithout: secrets.filter((secret) => secret.fallback === '' && !isKnownSet(state, secret)),
      trace: digestTrace(digest),
    })
    state.ask(check)
    return check
  }
  // What a secret was found by, such as a path parameter, does not make it the caller's.
  const secretSide = [left, right].find(
    (value) =>
      has(value, 'secret') &&
      (!fromRequest(value) || originsOf(value, 'secret').some(({ secret }) => secret.from === 'lookup')),
  )
  if (secretSide === undefined) return writtenToken(interpreter, left, right, constantTime, state, at, name)
  const given = secretSide === left ? right : left
  if (given.literal !== undefined || !(fromRequest(given) || has(given, 'url') || given.origins.length === 0))
    return undefined
  if (!has(given, 'header', 'query', 'path', 'url', 'parsed-body', 'raw-body', 'cookie', 'message')) return undefined
  const check = interpreter.record.check({
    ...bareCheck('token', name, at),
    constantTime,
    over: 'none',
    secrets: originsOf(secretSide, 'secret').map((origin) => origin.secret),
    given: given === left ? 'left' : 'right',
    headers: headersOf(given),
    openWithout: nothingEqualsNothing(given, secretSide, name, state),
  })
  state.ask(check)
  return check
}

/** `request.headers['X-Token'] == 'f3a9…'`: what the caller shows as its token is compared with a text in the code. */
function writtenToken(
  interpreter: Machine,
  left: Value,
  right: Value,
  constantTime: boolean,
  state: State,
  at: Place,
  name: string,
): Check | undefined {
  const given = textOf(right) === undefined ? right : left
  const text = textOf(given === left ? right : left)
  if (text === undefined || !/^\S{4,}$/.test(text) || NO_TOKEN.test(text) || given.origins.length !== 1)
    return undefined
  const [origin] = given.origins
  const called =
    origin?.kind === 'header' || origin?.kind === 'query' || origin?.kind === 'path'
      ? origin.name
      : origin?.kind === 'parsed-body'
        ? origin.path
        : ''
  if (!SHOWN_TOKEN.test(called)) return undefined
  const check = interpreter.record.check({
    ...bareCheck('token', name, at),
    constantTime,
    over: 'none',
    secrets: [{ from: 'literal', name: called, literal: text, at }],
    given: given === left ? 'left' : 'right',
    headers: headersOf(given),
    openWithout: [],
  })
  state.ask(check)
  return check
}
const SHOWN_TOKEN =
  /^(?!hub\.)(?:.*[-_.])?(?:token|secret|api[-_]?key|password|passphrase|access[-_]?key|webhook[-_]?key)$/i
const NO_TOKEN =
  /^(?:true|false|null|none|undefined|string|object|number|boolean|function|bearer|basic|token|your[-_].*|\W+)$/i

/** `undefined === undefined`, `None == None`, `'' == ''`: neither was sent, neither is set, and they are equal. */
function nothingEqualsNothing(given: Value, secretSide: Value, name: string, state: State): readonly Secret[] {
  // A part of the path is always there.
  if (has(given, 'path', 'url')) return []
  if (given.symbol !== undefined && state.truths.get(given.symbol) === true) return []
  if (given.ref === OR_NULL) return []
  // Who has signed already is asked for a password of his own.
  if (state.passed.some(({ kind }) => kind === 'signature' || kind === 'verifier')) return []
  // What has methods of a text is one.
  const sent = given.ref === 'defaulted' || given.ref === 'text()' ? '' : undefined
  const plain = name === '==' || name === '!='
  return originsOf(secretSide, 'secret')
    .map((origin) => origin.secret)
    .filter(
      (secret) =>
        secret.from === 'env' &&
        secret.required !== true &&
        !isKnownSet(state, secret) &&
        (plain ? secret.fallback === sent : secret.fallback === '' && sent === ''),
    )
}

export function isKnownSet(state: State, secret: Secret): boolean {
  return (
    secret.required === true ||
    state.truths.get(`env:${secret.name}`) === true ||
    state.truths.get(`global:${secret.name}`) === true
  )
}

/** What is compared with the caller's identity is thereby bound to the caller. */
function ownerCheck(interpreter: Machine, left: Value, right: Value, state: State, at: Place): Check | undefined {
  const mine = [left, right].find((value) => has(value, 'identity'))
  if (mine === undefined) return undefined
  const other = mine === left ? right : left
  if (other.literal !== undefined && other.origins.length === 0) {
    const role = interpreter.record.check(bareCheck('identity', 'role check', at))
    state.ask(role)
    state.guard('authorized')
    return role
  }
  if (!has(other, 'stored', 'path', 'query', 'parsed-body', 'message', 'fetched')) return undefined
  const check = interpreter.record.check(bareCheck('identity', 'owner check', at))
  state.ask(check)
  return check
}

/** Two digests compared after hashing them again: the inner one is what counts. */
function innermost(digests: readonly Digest[]): Digest | undefined {
  return (
    digests.find((digest) => digest.keyed) ??
    digests.find((digest) => has({ origins: digest.input } as Value, 'secret')) ??
    digests[0]
  )
}

function secretsOf(digest: Digest, at: Place): readonly Secret[] {
  const secrets = [
    ...originsOf({ origins: digest.key }, 'secret'),
    ...(digest.keyed ? [] : originsOf({ origins: digest.input }, 'secret')),
  ].map((origin) => origin.secret)
  if (secrets.length > 0 || !digest.keyed) return secrets
  return [{ from: 'parameter', name: 'the key', at }]
}

function digestTrace(digest: Digest): readonly TraceNote[] {
  return [{ ...digest.at, message: 'The digest is computed here.' }]
}
