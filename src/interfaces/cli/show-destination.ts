/** One destination, for the commands that end by showing it. */
import type { CommandContext } from './context.ts'
import { printFields, printJson } from './output.ts'

/** What commands read of the API's answer; the API may say more. */
export interface DestinationView {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly url: string
  readonly settings: Readonly<Record<string, string | number>>
  readonly status: string
  readonly disabledReason: string | null
  readonly allowCidrs: readonly string[]
  readonly timeoutMs: number
  readonly retry: {
    readonly strategy: string
    readonly maxAttempts: number
    readonly baseDelayMs: number
    readonly maxDelayMs: number
    readonly scheduleMs: readonly number[]
    readonly retryOn: readonly string[]
  }
  readonly tlsVerify: boolean
  readonly auth: { readonly kind: string } | null
  readonly maxConcurrency: number | null
  readonly ratePerMinute: number | null
  readonly ordering: { readonly by: string; readonly policy: string; readonly after: number } | null
  readonly breaker: { readonly failures: number; readonly openMs: number }
  readonly disableAfterHours: number | null
  readonly health: { readonly circuit: string; readonly failures: number; readonly openUntil: string | null }
  readonly held: number
  readonly shadow: boolean
  readonly envelope: string
  readonly signingKeys: readonly { readonly id: string; readonly scheme: string; readonly notAfter: string | null }[]
}

export function printDestination(context: CommandContext, destination: DestinationView): void {
  if (context.json) return printJson(context, destination)
  const { retry, disabledReason, ordering, breaker, health } = destination
  printFields(context, [
    ['destination', destination.id],
    ['name', destination.name],
    ['kind', destination.kind],
    ['url', destination.url],
    ...Object.entries(destination.settings).map(([name, value]) => [name, value] as const),
    ['status', disabledReason === null ? destination.status : `${destination.status} (${disabledReason})`],
    ['private ranges', destination.allowCidrs.join(', ')],
    ...(destination.tlsVerify ? [] : [['TLS', 'NOT VERIFIED: anybody on the way can read and answer'] as const]),
    ['credentials', destination.auth?.kind],
    ['time-out', `${destination.timeoutMs} ms`],
    ['attempts', `${retry.maxAttempts}, ${waits(retry)}, on ${retry.retryOn.join(' ')}`],
    ['at one time', destination.maxConcurrency ?? 'without limit'],
    ['a minute', destination.ratePerMinute ?? 'without limit'],
    ['in order of', ordering === null ? null : `${ordering.by} (${ordering.policy} after ${ordering.after})`],
    ['circuit', circuit(health, breaker)],
    [
      'disabled after',
      destination.disableAfterHours === null ? 'never' : `${destination.disableAfterHours} h of failing`,
    ],
    ['waiting', destination.held],
    ...(destination.envelope === 'none' ? [] : [['sent as', destination.envelope] as const]),
    ...(destination.shadow ? [['shadow', 'yes: tried once, counted nowhere'] as const] : []),
    ...destination.signingKeys.map((key): [string, string] => [
      'signed with',
      `${key.id} (${key.scheme})${key.notAfter === null ? '' : ` until ${key.notAfter}`}`,
    ]),
  ])
}

function waits({ strategy, baseDelayMs, maxDelayMs, scheduleMs }: DestinationView['retry']): string {
  return strategy === 'schedule'
    ? `waits of ${scheduleMs.join(', ')} ms`
    : `${strategy} waits from ${baseDelayMs} ms to ${maxDelayMs} ms`
}

function circuit(health: DestinationView['health'], breaker: DestinationView['breaker']): string {
  const until = health.openUntil === null ? '' : ` until ${health.openUntil}`
  const policy = breaker.failures === 0 ? 'never opens' : `opens after ${breaker.failures}`
  return `${health.circuit}${until}, ${health.failures} failures in a row, ${policy}`
}
