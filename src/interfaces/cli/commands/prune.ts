import { PosternError } from '../../../base/model/errors.ts'
import { publicId } from '../../../base/model/ids.ts'
import { readConfig, retentionDefaults } from '../../../config/config.ts'
import { planPrune } from '../../../flow/retention/plan-prune.ts'
import { createLogger } from '../../../observability/log.ts'
import { openStore } from '../../../resources/store/open.ts'
import { createClient, type ManagementClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { text } from '../list.ts'
import { printJson, printTable } from '../output.ts'
import { createProgress } from '../progress.ts'
import { forTools } from './migrate.ts'

interface PlanView {
  readonly lines: readonly {
    readonly tenantId: string
    readonly day: string
    readonly kind: string
    readonly rows: number
    readonly bytes: number
    readonly neverDelivered: number
    readonly held: number
    readonly underWay: number
    readonly undelivered: number
  }[]
  readonly more: boolean
}

interface RunView {
  readonly id: string
  readonly status: string
  readonly postponed: number
  readonly removed: readonly { readonly kind: string; readonly rows: number; readonly bytes: number }[]
}

const LOOK_MS = 500
/** By then a worker has taken it, if there is one. */
const HINT_MS = 15_000

export async function prune(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const all = options['allTenants'] === true
  if (options['dryRun'] === true) {
    printPlan(
      context,
      all ? await planOfAll(context) : await createClient(context.env).get<PlanView>('/api/v1/prune-plan'),
    )
    return 0
  }
  if (all)
    throw new PosternError('VALIDATION_ERROR', '--all-tenants goes with --dry-run: what is due goes for all anyway.')
  const reason = text(options['reason'])
  if (reason === undefined)
    throw new PosternError('VALIDATION_ERROR', 'Say why with --reason, or see what would go with --dry-run.')
  const client = createClient(context.env)
  const asked = await client.send<RunView>('POST', '/api/v1/prune-runs', { reason })
  const run = options['wait'] === false ? asked : await ended(context, client, asked.id)
  printRun(context, run)
  return run.postponed > 0 ? 4 : 0
}

async function planOfAll(context: CommandContext): Promise<PlanView> {
  const config = readConfig(forTools(context.env))
  const store = await openStore(config, createLogger({ level: 'warn' }))
  try {
    const { lines, more } = await planPrune(store.db, {
      tenantId: null,
      defaults: retentionDefaults(config),
      now: Date.now(),
    })
    return {
      lines: lines.map(({ tenantId, part, due, dueBytes, givenUp, open, young: _, ...line }) => ({
        tenantId: publicId('tenant', tenantId),
        ...line,
        ...{ kind: part, rows: due, bytes: dueBytes, neverDelivered: givenUp, underWay: open },
      })),
      more,
    }
  } finally {
    await store.close()
  }
}

function printPlan(context: CommandContext, plan: PlanView): void {
  if (context.json) return printJson(context, plan)
  if (plan.lines.length === 0) {
    context.stdout.write('Nothing is due. How long things are kept: postern retention show\n')
    return
  }
  printTable(
    context,
    [
      { title: 'TENANT', value: (row) => row.tenantId },
      { title: 'DAY', value: (row) => row.day },
      { title: 'KIND', value: (row) => row.kind },
      { title: 'ROWS', value: (row) => row.rows },
      { title: 'BYTES', value: (row) => row.bytes },
      { title: 'NEVER DELIVERED', value: (row) => row.neverDelivered },
      { title: 'STAY: HELD', value: (row) => row.held },
      { title: 'UNDER WAY', value: (row) => row.underWay },
      { title: 'UNDELIVERED', value: (row) => row.undelivered },
    ],
    plan.lines,
  )
  if (plan.more) context.stderr.write('\nThere are later days that are due as well.\n')
}

function printRun(context: CommandContext, run: RunView): void {
  if (context.json) return printJson(context, run)
  if (run.status !== 'completed') {
    context.stdout.write(`${run.id} is ${run.status}; a worker goes on with it.\n`)
    return
  }
  if (run.removed.length === 0) context.stdout.write('Nothing of yours was due.\n')
  for (const { kind, rows, bytes } of run.removed) context.stdout.write(`${kind}: ${rows} removed, ${bytes} bytes\n`)
  if (run.postponed > 0) context.stderr.write(`${run.postponed} parts of days were in use and stay for the next run.\n`)
}

async function ended(context: CommandContext, client: ManagementClient, id: string): Promise<RunView> {
  const progress = createProgress(context.stderr, context.json, Date.now)
  const hintAt = Date.now() + HINT_MS
  let hinted = false
  try {
    for (;;) {
      const run = await client.get<RunView>(`/api/v1/prune-runs/${id}`)
      if (run.status === 'completed') return run
      const rows = run.removed.reduce((sum, each) => sum + each.rows, 0)
      progress.show(run.status === 'queued' ? 'waiting for a worker' : `${rows} rows removed`)
      if (run.status === 'queued' && !hinted && Date.now() > hintAt) {
        hinted = true
        context.stderr.write('No worker has taken it yet. Is one running? (postern serve --role worker)\n')
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  } finally {
    progress.clear()
  }
}
