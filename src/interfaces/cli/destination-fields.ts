/** The options that say something about a destination, as the API takes them. */
import { number, text, texts } from './list.ts'

export function destinationFields(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const retry = {
    maxAttempts: number(options['maxAttempts']),
    baseDelayMs: number(options['baseDelayMs']),
    maxDelayMs: number(options['maxDelayMs']),
  }
  return {
    name: text(options['name']),
    allowCidrs: texts(options['allowCidr']),
    timeoutMs: number(options['timeoutMs']),
    retry: Object.values(retry).some((value) => value !== undefined) ? retry : undefined,
    shadow: typeof options['shadow'] === 'boolean' ? options['shadow'] : undefined,
  }
}
