/** What the environment and settings give. */

import { isSecretName } from '../knowledge/names.ts'
import type { Place } from './facts.ts'
import type { Machine } from './machine.ts'
import type { Value } from './value.ts'

export function environmentValue(interpreter: Machine, name: string, fallback: Value | undefined, at: Place): Value {
  const value: Value = isSecretName(name)
    ? { origins: [{ kind: 'secret', secret: { from: 'env', name, at } }], symbol: `env:${name}` }
    : { origins: [{ kind: 'env', name }], symbol: `env:${name}` }
  if (fallback === undefined) return value
  return interpreter.withDefault(value, fallback)
}
