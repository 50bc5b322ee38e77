/** What `filters test` and `transforms try` share: where the expression comes from, and the event it is tried on. */
import { PosternError } from '../../base/model/errors.ts'
import type { CommandContext } from './context.ts'
import { readInput } from './input.ts'
import { text } from './list.ts'
import { namedValues } from './named-values.ts'

type Options = Readonly<Record<string, unknown>>

export interface ExpressionFailure {
  readonly reason: string
  readonly message: string
  readonly line: number
  readonly column: number
}

/** The argument, or the file that `--file` names. @throws PosternError `VALIDATION_ERROR` */
export async function expressionOf(
  context: CommandContext,
  args: readonly string[],
  options: Options,
): Promise<string> {
  const file = text(options['file'])
  if ((args[0] === undefined) === (file === undefined))
    throw new PosternError('VALIDATION_ERROR', 'Give the expression as an argument, or a file with --file.')
  return file === undefined ? (args[0] ?? '') : (await readInput(file, context.stdin)).toString()
}

/** An event's id, or the parts of one made up. @throws PosternError `VALIDATION_ERROR` */
export async function triedOn(context: CommandContext, options: Options): Promise<Readonly<Record<string, unknown>>> {
  const eventId = text(options['event'])
  const body = text(options['body'])
  const headers = namedValues('header', options['header'])
  const isMadeUp = body !== undefined || Object.keys(headers).length > 0 || text(options['type']) !== undefined
  if ((eventId !== undefined) === isMadeUp)
    throw new PosternError('VALIDATION_ERROR', 'Give --event evt_…, or --body with what else the event needs.')
  if (eventId !== undefined) return { eventId }
  const type = text(options['type'])
  return {
    event: {
      headers,
      target: text(options['target']),
      ...(body === undefined ? {} : { body: parseJsonInput(body, await readInput(body, context.stdin)) }),
      ...(type === undefined ? {} : { attributes: { type } }),
    },
  }
}

/** @throws PosternError `VALIDATION_ERROR` */
export function parseJsonInput(path: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch (cause) {
    throw new PosternError('VALIDATION_ERROR', `${path} does not hold JSON.`, { cause })
  }
}

export function printFailure(context: CommandContext, { reason, message, line, column }: ExpressionFailure): void {
  context.stdout.write(`An event like this would be parked (${reason}).\nline ${line}, column ${column}: ${message}\n`)
}
