import type { CommandContext, ExitCode, Role } from '../context.ts'
import { number } from '../list.ts'
import { printJson } from '../output.ts'
import { runGateway } from '../run-gateway.ts'

export function serve(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const roles = options['role'] as readonly Role[]
  return runGateway(context, {
    roles,
    port: number(options['port']),
    demo: false,
    onReady: ({ address }) => {
      if (context.json) printJson(context, { address, roles })
      else context.stdout.write(`Postern serves ${roles.join(', ')} at ${address}\n`)
    },
  })
}
