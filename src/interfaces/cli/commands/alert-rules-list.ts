import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printJson, printTable } from '../output.ts'

interface RuleView {
  readonly kind: string
  readonly says: string
  readonly enabled: boolean
  readonly mutedUntil: string | null
  readonly settings: Readonly<Record<string, number>>
}

export async function listAlertRules(context: CommandContext): Promise<ExitCode> {
  const rules = await createClient(context.env).get<{ data: readonly RuleView[] }>('/api/v1/alert-rules')
  if (context.json) printJson(context, rules)
  else
    printTable(
      context,
      [
        { title: 'RULE', value: (row) => row.kind },
        { title: 'ON', value: (row) => (row.enabled ? 'yes' : 'no') },
        { title: 'MUTED UNTIL', value: (row) => row.mutedUntil },
        {
          title: 'SETTINGS',
          value: (row) =>
            Object.entries(row.settings)
              .map(([name, value]) => `${name}=${value}`)
              .join(' '),
        },
        { title: 'WHEN', value: (row) => row.says },
      ],
      rules.data,
    )
  return 0
}
