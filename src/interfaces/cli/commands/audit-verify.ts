import { join } from 'node:path'
import { readSigningKey } from '../../../audit/checkpoint.ts'
import { type TrailReport, verifyTrail } from '../../../audit/verify-trail.ts'
import { readConfig } from '../../../config/config.ts'
import { createLogger } from '../../../observability/log.ts'
import { readKeyFile } from '../../../resources/secrets/key-file.ts'
import { openStore } from '../../../resources/store/open.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printJson } from '../output.ts'
import { forTools } from './migrate.ts'

/** Reads the database itself, so that it needs no running gateway and trusts none. 0 intact · 1 not. */
export async function verifyAudit(context: CommandContext): Promise<ExitCode> {
  const config = readConfig(forTools(context.env))
  const store = await openStore(config, createLogger({ level: 'warn' }))
  try {
    const pem = await readKeyFile(join(config.POSTERN_DATA_DIR, 'audit.key'))
    const report = await store.db.snapshot((tx) =>
      verifyTrail(tx, {
        ...(pem === undefined ? {} : { trustedKey: readSigningKey(pem).publicKey }),
        ...(context.stderr.isTTY === true
          ? { onProgress: (entries) => context.stderr.write(`\r${entries} entries`) }
          : {}),
      }),
    )
    if (context.stderr.isTTY === true) context.stderr.write('\r\u001b[K')
    if (context.json) printJson(context, report)
    else print(context, report)
    return report.intact ? 0 : 1
  } finally {
    await store.close()
  }
}

function print(context: CommandContext, report: TrailReport): void {
  const { chains, entries, receipts, checkpoints } = report
  const checked = `${entries} entries in ${chains} chains, ${receipts} receipts compared with their events, ${checkpoints} checkpoints`
  if (report.intact) {
    context.stdout.write(`The audit trail is intact: ${checked}.\n`)
    return
  }
  context.stdout.write(`The audit trail is NOT intact (${checked}):\n`)
  for (const fault of report.faults) context.stdout.write(`  ${fault.kind}: ${fault.message}\n`)
}
