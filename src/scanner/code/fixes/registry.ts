/** Which rules have fixers. A rule without one asks for a decision that no program can take. */
import { adapter } from './adapter.ts'
import { compareLength } from './compare-length.ts'
import { constantTime } from './constant-time.ts'
import type { Fixer } from './fixer.ts'
import { rawBody } from './raw-body.ts'
import { requiredSecret } from './required-secret.ts'

export const FIXERS: ReadonlyMap<string, Fixer> = new Map([
  ['missing-signature', adapter],
  ['unsafe-compare', constantTime],
  ['fail-open-when-secret-missing', requiredSecret],
  ['compare-length-unguarded', compareLength],
  ['parsed-body-signature', rawBody],
])
