import type { CommandContext, ExitCode, RunningGateway } from '../context.ts'
import { ROLES } from '../context.ts'
import { number } from '../list.ts'
import { printJson } from '../output.ts'
import { runGateway } from '../run-gateway.ts'

export function up(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  return runGateway(context, {
    roles: ROLES,
    port: number(options['port']),
    demo: options['demo'] === true,
    onReady: (gateway) => greet(context, gateway),
  })
}

function greet(context: CommandContext, { address, newKeyFile, demo }: RunningGateway): void {
  if (context.json) return printJson(context, { address, demo })
  const lines = [`Postern is up at ${address}`, `  API description  ${address}/openapi.json`]
  if (newKeyFile !== undefined) lines.push(`  Management key   made and kept in ${newKeyFile}`)
  for (const { provider, receivePath } of demo)
    lines.push(`  ${provider.padEnd(16)} receives at ${address}${receivePath}`)
  const run = context.env['npm_lifecycle_event'] === undefined ? 'postern' : 'npm run -s postern --'
  lines.push(
    '',
    'Try it, in another terminal in this folder:',
    ...(demo.length === 0
      ? [`  ${run} integrations add --provider stripe --secret whsec_… --to https://example.com/hook`]
      : [`  ${run} send stripe`, `  ${run} send stripe --tamper body`]),
    `  ${run} events list`,
    `  ${run} audit verify`,
    '',
    'Ctrl-C stops it; nothing that was accepted is lost.',
  )
  context.stdout.write(`${lines.join('\n')}\n`)
}
