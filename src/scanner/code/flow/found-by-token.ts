/** Records that are found by a secret of theirs: whoever does not know it finds none, and finding one is a check. */

import { failuresAreValues } from '../knowledge/libraries.ts'
import { wordsOf } from '../knowledge/names.ts'
import type { Called } from './called.ts'
import { bareCheck } from './checks.ts'
import type { Check, Place } from './facts.ts'
import type { Machine, Outcome } from './machine.ts'
import type { State } from './state.ts'
import { has, originsOf, type Value } from './value.ts'

const TOKEN = /(?:^|_)(?:token|secret|api_key|access_key|auth_key|hook_key|webhook_key)$/
/** For people, who got it by mail or keep it in a browser, and not for machines. */
const OF_PEOPLE = /reset|confirm|invit|refresh|session|verif|activat|csrf|remember|unsubscribe|device|push|fcm/
/** Whoever was given it may come in: that is what it is for. */
const INVITES =
  /(?:^|_)(?:share|sharing|invite|invitation|join|access|room|lobby|game|public|guest)_(?:code|token|key|secret|hash|link)$/
const BY_TOKEN =
  /(?:By|_by_)(?:\w+_?)?(?:[tT]oken|[sS]ecret|[sS]hare_?[cC]ode|[iI]nvite_?[cC]ode|[jJ]oin_?[cC]ode|[aA]ccess_?[cC]ode)$/
const IN_SQL = /\bwhere\b[^;]*?\b(\w+)\s*=\s*(?:\$\d|\?|%s|[:@]\w+)/i
const ENDS_OTHERWISE = /or_?404$|Or(?:Throw|Fail)$/i

/** `bcrypt.CompareHashAndPassword(hook.Hash, token)`: of the token that a sender must know only the hash is kept. */
export function hashedToken(
  machine: Machine,
  { args, named, at, path, used, isNew }: Called,
  state: State,
): Outcome[] | undefined {
  if (!used || isNew || !COMPARES_HASH.test(path)) return undefined
  const all = [...args, ...named.values()]
  const sent = all.some((arg) => has(arg, 'header', 'query', 'path') && !has(arg, 'stored', 'identity'))
  const kept = all.some((arg) => !has(arg, 'header', 'query', 'parsed-body', 'raw-body'))
  if (!sent || !kept) return undefined
  const check = machine.record.check({ ...bareCheck('token', path, at), constantTime: true })
  state.ask(check)
  return [{ state, value: { origins: [], check: { check, positive: true } } }]
}
const COMPARES_HASH =
  /(?:^|[./\\])(?:bcrypt\.(?:CompareHashAndPassword|checkpw|compare(?:Sync)?|verify)|argon2\.(?:verify|ComparePasswordAndHash)|password_verify|Hash(?:::|\.)check|check_password(?:_hash)?|\w*[pP]asswordEncoder(?:\(\))?\.matches|\w*(?:pwd|crypt)_context(?:\(\))?\.verify)$/

export function foundByToken(
  machine: Machine,
  { args, named, at, written, object, bang }: Called,
  last: string,
  sql: string | undefined,
  state: State,
): Check | undefined {
  const sent = (value: Value | undefined): boolean =>
    value !== undefined &&
    (has(value, 'path', 'query', 'header', 'message') ||
      originsOf(value, 'parsed-body').some(({ path }) => TOKEN.test(path)))
  const admits = machine.surface.kind === 'socket'
  const isToken = (name: string): boolean => {
    const words = wordsOf(name).join('_')
    return admits ? INVITES.test(words) : TOKEN.test(words) && !OF_PEOPLE.test(words)
  }
  const inObject = (value: Value, depth = 0): boolean =>
    value.object !== undefined &&
    state.namesOf(value.object).some((name) => {
      const member = state.get(value.object as NonNullable<Value['object']>, name)
      return (isToken(name) && sent(member)) || (depth < 2 && member !== undefined && inObject(member, depth + 1))
    })
  const column = sql === undefined ? undefined : IN_SQL.exec(sql)?.[1]
  const byName = BY_TOKEN.test(last) && (admits || !OF_PEOPLE.test(wordsOf(last).join('_'))) && sent(args[0])
  const found =
    byName ||
    (column === undefined
      ? [...named].some(([name, value]) => isToken(name) && sent(value)) || args.some((arg) => inObject(arg))
      : isToken(column) && args.some((arg) => sent(arg)))
  if (!found) return undefined
  const check = machine.record.check({ ...bareCheck(admits ? 'capability' : 'token', written, at), constantTime: true })
  state.ask(check)
  // `Model.objects.get` throws as well.
  if (bang === true || ENDS_OTHERWISE.test(last) || (last === 'get' && /objects$/.test(object?.ref ?? '')))
    state.pass(check)
  return check
}

/** What a message or an address names, asked for among the caller's own: it is found, or it is not. */
export function ownRecord(machine: Machine, key: Pick<Value, 'origins'>, at: Place, state: State): Check | undefined {
  // What `Scan` fills of a row is another question than whether there was one.
  if (failuresAreValues(machine.surface.module.language)) return undefined
  const names = machine.phase === 'message' ? ['message'] : ['path', 'query']
  if (!key.origins.some(({ kind }) => names.includes(kind))) return undefined
  const check = machine.record.check(bareCheck('identity', 'owner check', at))
  state.ask(check)
  return check
}

/** `notes.updateMany({ where: { id, ownerId: me }, data })`: what is not the caller's own is not there to be changed. */
export function ofOwnRecord(machine: Machine, { args, at }: Called, state: State): State {
  const [first] = args
  const where = first?.object === undefined ? undefined : state.get(first.object, 'where')
  const filter = where ?? (args.length > 1 ? first : undefined)
  if (machine.phase !== 'message' || filter === undefined || !has(filter, 'identity') || !has(filter, 'message'))
    return state
  const own = state.fork()
  own.pass(machine.record.check(bareCheck('identity', 'owner check', at)))
  return own
}
