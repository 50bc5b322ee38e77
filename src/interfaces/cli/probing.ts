/** What `scan` does when a target is live: the plan, consent and secrets are looked at before anything is sent. */
import { PosternError } from '../../base/model/errors.ts'
import type { LiveScan } from '../../scanner/live/scan-live.ts'
import type { CommandContext, ExitCode } from './context.ts'
import { writeStarter } from './write-starter.ts'

export type Probing = (onProgress: ((text: string) => void) | undefined, dry?: boolean) => Promise<LiveScan>

/**
 * The prober is loaded only for those who probe.
 *
 * @param paths Beside the URLs: what descriptions among them have can be asked for.
 * @returns `undefined` when nothing live is named.
 */
export async function prepareProbing(
  context: CommandContext,
  urls: readonly string[],
  paths: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<Probing | undefined> {
  if (urls.length === 0 && options['liveConfig'] === undefined) return undefined
  const { livePlan, secretsInClear } = await import('./live-plan.ts')
  const { probeLive } = await import('./probe-live.ts')
  const { readSpecs } = await import('../../scanner/spec/examine-specs.ts')
  const { findSpecs } = await import('../../scanner/spec/spec-files.ts')
  const { askableOperations } = await import('../../scanner/spec/askable-operations.ts')
  const described = () => {
    const { sources } = findSpecs(paths, { excluded: () => false })
    return askableOperations(readSpecs(sources, { readBeside: undefined, onProgress: undefined }).documents)
  }
  const plan = await livePlan(context, urls, options, described)
  const clear = secretsInClear(plan, options)
  if (clear.length > 0)
    context.stderr.write(
      `warning: ${clear.join(', ')} holds a secret in clear, where logs and process lists show it; write env:NAME or file:PATH.\n`,
    )
  return async (onProgress, dry = false) => await probeLive(context, plan, { dry, onProgress })
}

/** Prints every request that probing would send. @throws PosternError `VALIDATION_ERROR` when nothing is to be probed. */
export async function dryRun(context: CommandContext, probe: Probing | undefined): Promise<ExitCode> {
  if (probe === undefined)
    throw new PosternError(
      'VALIDATION_ERROR',
      '--dry-run shows what probing would send, or with --fix what would be written: name a URL or --live-config FILE, or give --fix.',
    )
  const { printDryRun } = await import('./probe-live.ts')
  printDryRun(context, await probe(undefined, true))
  return 0
}

export async function startPlan(context: CommandContext, targets: readonly string[], init: unknown): Promise<ExitCode> {
  if (targets.length > 0)
    throw new PosternError('VALIDATION_ERROR', '--init-live writes one file; it takes no targets.')
  const { LIVE_STARTER_NAME, liveInit } = await import('../../scanner/live/starter.ts')
  const file = typeof init === 'string' ? init : LIVE_STARTER_NAME
  return await writeStarter(
    context,
    file,
    liveInit(),
    `make it yours, then: postern scan --live-config ${file} --dry-run`,
  )
}
