import { readConfig } from '../../../config/config.ts'
import { createLogger } from '../../../observability/log.ts'
import { openStore } from '../../../resources/store/open.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printJson } from '../output.ts'

export async function migrateDatabase(context: CommandContext): Promise<ExitCode> {
  const config = readConfig(forTools(context.env))
  const store = await openStore(config, createLogger({ level: 'warn' }))
  await store.close()
  if (context.json) printJson(context, { applied: store.applied })
  else
    context.stdout.write(
      store.applied.length === 0 ? 'The schema is up to date.\n' : `Applied: ${store.applied.join(', ')}\n`,
    )
  return 0
}

/** Commands that only need the database do not need a management key. */
export function forTools(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> {
  return { ...env, NODE_ENV: 'development' }
}
