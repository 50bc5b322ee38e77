/** One destination, for the commands that end by showing it. */
import type { CommandContext } from './context.ts'
import { printFields, printJson } from './output.ts'

/** What commands read of the API's answer; the API may say more. */
export interface DestinationView {
  readonly id: string
  readonly name: string
  readonly url: string
  readonly status: string
  readonly disabledReason: string | null
  readonly allowCidrs: readonly string[]
  readonly timeoutMs: number
  readonly retry: { readonly maxAttempts: number; readonly baseDelayMs: number; readonly maxDelayMs: number }
  readonly shadow: boolean
  readonly signingKeys: readonly { readonly id: string; readonly scheme: string; readonly notAfter: string | null }[]
}

export function printDestination(context: CommandContext, destination: DestinationView): void {
  if (context.json) return printJson(context, destination)
  const { retry, disabledReason } = destination
  printFields(context, [
    ['destination', destination.id],
    ['name', destination.name],
    ['url', destination.url],
    ['status', disabledReason === null ? destination.status : `${destination.status} (${disabledReason})`],
    ['private ranges', destination.allowCidrs.join(', ')],
    ['time-out', `${destination.timeoutMs} ms`],
    ['attempts', `${retry.maxAttempts}, waits from ${retry.baseDelayMs} ms to ${retry.maxDelayMs} ms`],
    ...(destination.shadow ? [['shadow', 'yes: tried once, counted nowhere'] as const] : []),
    ...destination.signingKeys.map((key): [string, string] => [
      'signed with',
      `${key.id} (${key.scheme})${key.notAfter === null ? '' : ` until ${key.notAfter}`}`,
    ]),
  ])
}
