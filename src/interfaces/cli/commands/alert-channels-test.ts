import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printFields, printJson } from '../output.ts'

interface TestResult {
  readonly delivered: boolean
  readonly httpStatus: number | null
  readonly error: string | null
  readonly durationMs: number
}

export async function testAlertChannel(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  const path = `/api/v1/alert-channels/${encodeURIComponent(args[0] ?? '')}/test`
  const result = await createClient(context.env).send<TestResult>('POST', path, undefined)
  if (context.json) printJson(context, result)
  else
    printFields(context, [
      ['delivered', result.delivered ? 'yes' : 'no'],
      ['HTTP status', result.httpStatus],
      ['error', result.error],
      ['took', `${result.durationMs} ms`],
    ])
  return result.delivered ? 0 : 1
}
