/** Small questions about values, and what is noted of them, that every kind of call asks. */

import type { DiscoveredSurface } from '../surface.ts'
import type { EffectKind, Origin, Place, SignedOver } from './facts.ts'
import type { Machine } from './machine.ts'
import type { State } from './state.ts'
import { has, originsOf, unionOrigins, type Value } from './value.ts'

export function isNothing(value: Value): boolean {
  return (
    value.literal !== undefined &&
    (value.literal.value === null || value.literal.value === undefined || value.literal.value === '')
  )
}

export function isTime(value: Value): boolean {
  return has(value, 'now')
}

export function headersOf(value: Value): readonly string[] {
  return originsOf(value, 'header').map((origin) => origin.name)
}

export function signedOver(input: readonly Origin[]): SignedOver {
  const value = { origins: input }
  const raw = has(value as Value, 'raw-body')
  if (has(value as Value, 'reserialised')) return raw ? 'raw-or-reserialised' : 'reserialised'
  if (raw) return 'raw'
  const parsed = originsOf(value, 'parsed-body')
  // With the address before them, they are the fields of a scheme, one after the other.
  if (parsed.length > 0)
    return parsed.some((origin) => origin.path === '') && !has(value as Value, 'url') ? 'parsed' : 'fields'
  return input.length === 0 ? 'unknown' : has(value as Value, 'url', 'query', 'path', 'header') ? 'fields' : 'unknown'
}

/** The value names the event or delivery, so that it can tell a copy from the next. */
export function identityOf(value: Value, surface: DiscoveredSurface): boolean {
  return value.origins.some((origin) => {
    switch (origin.kind) {
      case 'parsed-body':
        return (
          origin.path === '' ||
          /[a-z]I[dD]$/.test(origin.path) ||
          /(?:^|\.|_)(?:id|uuid|key|nonce|token|reference|ref|number|sid|hash)s?$|event|delivery|transaction|txn|payment|order|invoice/i.test(
            origin.path,
          )
        )
      case 'header':
        return /id$|delivery|request|nonce|idempotency|event|signature|guid|uuid/.test(origin.name)
      case 'digest':
      case 'raw-body':
        return true
      case 'message':
        return surface.kind === 'socket'
      default:
        return false
    }
  })
}

export function isGuardedUrl(state: State): boolean {
  return (
    state.guards.includes('url-validated') ||
    (state.guards.includes('value-compared') && state.guards.includes('url-parsed'))
  )
}

/** Where a redirect leads: not to what the request says when code out of sight makes the address of it. */
export function leadsTo({ anchored, origins, ref }: Value): readonly Origin[] {
  return anchored === true || MAKES_ADDRESS.test(ref ?? '') ? [] : origins
}
const MAKES_ADDRESS =
  /(?:^|[._])(?:pre_?)?(?:sign|presign|create|generate|build|make|issue)\w*\(\)$|(?:^|[._])get_?(?:pre_?)?(?:signed|download|object|checkout|portal|auth\w*)_?\w*\(\)$/i

export function effect(
  interpreter: Machine,
  state: State,
  kind: EffectKind,
  name: string,
  at: Place,
  uses: readonly Origin[],
  opaque: 'undefined' | 'imported' | 'member' | undefined,
  repeatable: boolean,
): void {
  interpreter.record.effect(state, { kind, name, at, uses, opaque, repeatable })
}

/** Origins of a value and of what it holds one level down. */
export function deep(value: Value, state: State): readonly Origin[] {
  if (value.role === 'headers') return [{ kind: 'header', name: '*' }]
  if (value.object === undefined) return value.origins
  const fields = state
    .namesOf(value.object)
    .slice(0, 30)
    .flatMap((name) => state.get(value.object ?? 0, name) ?? [])
  return unionOrigins([
    value.origins,
    ...fields.map((field) =>
      field.object === undefined
        ? deep(field, state)
        : [
            ...field.origins,
            ...state.namesOf(field.object).flatMap((name) => state.get(field.object ?? 0, name)?.origins ?? []),
          ],
    ),
  ])
}
