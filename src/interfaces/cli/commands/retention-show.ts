import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printRetention, type RetentionView } from '../retention-view.ts'

export async function showRetention(context: CommandContext): Promise<ExitCode> {
  printRetention(context, await createClient(context.env).get<RetentionView>('/api/v1/retention'))
  return 0
}
