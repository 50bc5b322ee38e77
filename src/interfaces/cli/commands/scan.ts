import { availableParallelism } from 'node:os'
import { PosternError } from '../../../base/model/errors.ts'
import type { LiveScan } from '../../../scanner/live/scan-live.ts'
import { scanPaths, TARGET_KINDS } from '../../../scanner/scan-paths.ts'
import { changedFiles } from '../changed-files.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { runReview } from '../run-review.ts'
import { scanCacheOf } from '../scan-cache.ts'
import { isUrl, refuseOtherTargets } from '../scan-target.ts'
import { writeStarter } from '../write-starter.ts'

/** 0 nothing to object · 1 findings · 2 a target or the configuration is wrong · 3 failed · 4 too little to decide. */
export async function scan(
  context: CommandContext,
  targets: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  if (options['initLive'] !== undefined) return await startPlan(context, targets, options['initLive'])
  const live = options['as'] === 'live'
  const as = TARGET_KINDS.find((kind) => kind === options['as'])
  const urls = targets.filter(isUrl)
  const paths = targets.filter((target) => !isUrl(target))
  if (live && paths.length > 0)
    throw new PosternError('VALIDATION_ERROR', `${paths[0]} is not an http or https URL, so it cannot be probed.`)
  if (as === undefined) await refuseOtherTargets(paths)
  const probe = await prepareProbing(context, urls, options)
  if (targets.length === 0 && probe === undefined)
    throw new PosternError('VALIDATION_ERROR', 'Name what to examine: files, folders or URLs, or --live-config FILE.')
  if (options['dryRun'] === true) return await dryRun(context, probe)
  const { minCoverage, diff, jobs, cache } = options
  const changed = typeof diff === 'string' ? await changedFiles(diff) : undefined
  // Once, also when the review is built again to show a new baseline.
  let probed: Promise<LiveScan> | undefined
  return await runReview(context, paths, options, async (files, review) => {
    probed ??= probe?.(review.onProgress)
    return await scanPaths(files, {
      ...review,
      as,
      now: () => performance.now(),
      changed,
      threads: typeof jobs === 'number' ? jobs : availableParallelism(),
      followFiles: options['followFiles'] === true,
      cache: cache === false ? undefined : scanCacheOf(context),
      minParseCoverage: typeof minCoverage === 'number' ? minCoverage : undefined,
      live: await probed,
    })
  })
}

type Probing = (onProgress: ((text: string) => void) | undefined, dry?: boolean) => Promise<LiveScan>

/** The prober is loaded only for those who probe. */
async function prepareProbing(
  context: CommandContext,
  urls: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<Probing | undefined> {
  if (urls.length === 0 && options['liveConfig'] === undefined) return undefined
  const { livePlan, secretsInClear } = await import('../live-plan.ts')
  const { probeLive } = await import('../probe-live.ts')
  const plan = await livePlan(context, urls, options)
  const clear = secretsInClear(plan, options)
  if (clear.length > 0)
    context.stderr.write(
      `warning: ${clear.join(', ')} holds a secret in clear, where logs and process lists show it; write env:NAME or file:PATH.\n`,
    )
  return async (onProgress, dry = false) => await probeLive(context, plan, { dry, onProgress })
}

async function dryRun(context: CommandContext, probe: Probing | undefined): Promise<ExitCode> {
  if (probe === undefined)
    throw new PosternError(
      'VALIDATION_ERROR',
      '--dry-run shows what probing would send; name a URL or --live-config FILE.',
    )
  const { printDryRun } = await import('../probe-live.ts')
  printDryRun(context, await probe(undefined, true))
  return 0
}

async function startPlan(context: CommandContext, targets: readonly string[], init: unknown): Promise<ExitCode> {
  if (targets.length > 0)
    throw new PosternError('VALIDATION_ERROR', '--init-live writes one file; it takes no targets.')
  const { LIVE_STARTER_NAME, liveInit } = await import('../../../scanner/live/starter.ts')
  const file = typeof init === 'string' ? init : LIVE_STARTER_NAME
  return await writeStarter(
    context,
    file,
    liveInit(),
    `make it yours, then: postern scan --live-config ${file} --dry-run`,
  )
}
