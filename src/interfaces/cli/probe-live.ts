/** Runs the live examiner for `postern scan`: secrets, the first Ctrl-C, and what a dry run prints. */
import type { ExaminedSurface } from '../../catalogue/evidence.ts'
import type { LivePlan } from '../../scanner/live/plan.ts'
import { type LiveScan, scanLive } from '../../scanner/live/scan-live.ts'
import type { CommandContext } from './context.ts'
import { readInput, readSecret } from './input.ts'
import { printJson, shown } from './output.ts'

export interface ProbeOptions {
  readonly dry?: boolean
  readonly onProgress?: ((text: string) => void) | undefined
}

export async function probeLive(
  context: CommandContext,
  plan: LivePlan,
  { dry = false, onProgress }: ProbeOptions,
): Promise<LiveScan> {
  const interrupt = new AbortController()
  const onSignal = (): void => {
    context.stderr.write('\ninterrupted: no more is sent, the report follows; once more ends at once\n')
    interrupt.abort()
  }
  // Once: the second one does what it always does.
  process.once('SIGINT', onSignal)
  try {
    return await scanLive(plan, {
      now: Date.now,
      clock: () => performance.now(),
      env: context.env,
      secretOf: async (reference) => await readSecret(reference, context.env, context.stdin),
      readText: async (file) => (await readInput(file, context.stdin)).toString('utf8'),
      onProgress,
      interrupt: interrupt.signal,
      dry,
      onSink: (url) => context.stderr.write(`the sink listens at ${url}\n`),
    })
  } finally {
    process.off('SIGINT', onSignal)
  }
}

/** Equal requests in a row, such as the copies of a race, are one with a number. */
export function printDryRun(context: CommandContext, { surfaces, requests }: LiveScan): void {
  const planned = surfaces.flatMap(plannedOf)
  if (context.json) return printJson(context, { requests, planned })
  for (const { surface, probe, title, request, times } of planned) {
    context.stdout.write(`# ${shown(surface)} · ${probe}: ${title}${times > 1 ? ` (${times} times)` : ''}\n`)
    context.stdout.write(
      `${request
        .split('\n')
        .map(shown)
        .map((line) => (line === '-' ? '' : line))
        .join('\n')}\n\n`,
    )
  }
  context.stderr.write(`${requests} requests would be sent; none was.\n`)
}

interface Planned {
  readonly surface: string
  readonly probe: string
  readonly title: string
  readonly request: string
  readonly times: number
}

function plannedOf(surface: ExaminedSurface): readonly Planned[] {
  return (surface.probes ?? []).flatMap(({ probe, title, exchanges }) => {
    const planned: { request: string; times: number }[] = []
    for (const { request } of exchanges) {
      const last = planned.at(-1)
      if (last?.request === request) last.times++
      else planned.push({ request, times: 1 })
    }
    return planned.map((one) => ({ surface: surface.id, probe, title, ...one }))
  })
}
