/** The options that say something about a destination, as the API takes them. */
import { number, text, texts } from './list.ts'
import { namedValues } from './named-values.ts'

type Options = Readonly<Record<string, unknown>>

export function destinationFields(options: Options): Readonly<Record<string, unknown>> {
  return {
    settings: settings(options),
    name: text(options['name']),
    allowCidrs: texts(options['allowCidr']),
    timeoutMs: number(options['timeoutMs']),
    retry: unlessEmpty({
      strategy: text(options['retry']),
      maxAttempts: number(options['maxAttempts']),
      baseDelayMs: number(options['baseDelayMs']),
      maxDelayMs: number(options['maxDelayMs']),
      scheduleMs: options['scheduleMs'],
      retryOn: texts(options['retryOn']),
    }),
    shadow: typeof options['shadow'] === 'boolean' ? options['shadow'] : undefined,
    envelope: text(options['envelope']),
    tlsVerify: options['tlsVerify'] === undefined ? undefined : options['tlsVerify'] === 'on',
    maxConcurrency: options['maxConcurrency'],
    ratePerMinute: options['ratePerMinute'],
    ordering: ordering(options),
    breaker: unlessEmpty({ failures: options['breakerFailures'], openMs: options['breakerOpenMs'] }),
    disableAfterHours: options['disableAfterHours'],
  }
}

function settings(options: Options): Readonly<Record<string, unknown>> | undefined {
  if (options['in'] === undefined) return undefined
  const { maxLength, ...named } = namedValues('in', options['in'])
  return { ...named, ...(maxLength === undefined ? {} : { maxLength: Number(maxLength) }) }
}

function ordering(options: Options): Readonly<Record<string, unknown>> | null | undefined {
  const by = text(options['orderBy'])
  if (by === 'none') return null
  const policy = text(options['orderPolicy'])
  return unlessEmpty({ by, policy, after: number(options['orderAfter']) })
}

function unlessEmpty(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  return Object.values(fields).some((value) => value !== undefined) ? fields : undefined
}
