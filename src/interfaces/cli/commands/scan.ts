import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { PosternError } from '../../../base/model/errors.ts'
import type { Fixed } from '../../../scanner/code/fixes/rounds.ts'
import { processorClock } from '../../../scanner/code/processor-clock.ts'
import type { LiveScan } from '../../../scanner/live/scan-live.ts'
import { type ScanOptions, scanPaths, TARGET_KINDS } from '../../../scanner/scan-paths.ts'
import { changedFiles } from '../changed-files.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { dryRun, prepareProbing, startPlan } from '../probing.ts'
import { runReview } from '../run-review.ts'
import { scanCacheOf } from '../scan-cache.ts'
import { isUrl, refuseOtherTargets } from '../scan-target.ts'

/**
 * How far the heap of each thread may grow before it is swept. Most of what an examination makes is of no use after its
 * project: left to itself V8 holds 160 MB a thread for the 30 in use.
 */
const HEAP_GROWING_PERCENT = 50

/** 0 nothing to object · 1 findings · 2 a target or the configuration is wrong · 3 failed · 4 too little to decide. */
export async function scan(
  context: CommandContext,
  targets: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  if (options['initLive'] !== undefined) return await startPlan(context, targets, options['initLive'])
  const as = TARGET_KINDS.find((kind) => kind === options['as'])
  const urls = targets.filter(isUrl)
  const paths = targets.filter((target) => !isUrl(target))
  if (options['as'] === 'live' && paths.length > 0)
    throw new PosternError('VALIDATION_ERROR', `${paths[0]} is not an http or https URL, so it cannot be probed.`)
  if (as === undefined) await refuseOtherTargets(paths)
  if (paths.length > 0) setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`)
  const probe = await prepareProbing(context, urls, paths, options)
  if (targets.length === 0 && probe === undefined)
    throw new PosternError('VALIDATION_ERROR', 'Name what to examine: files, folders or URLs, or --live-config FILE.')
  const fixing = fixingOf(options, probe !== undefined)
  if (options['dryRun'] === true && fixing === undefined) return await dryRun(context, probe)
  const { minCoverage, diff, jobs, cache } = options
  const changed = typeof diff === 'string' ? await changedFiles(diff) : undefined
  // Once, also when the review is built again to show a new baseline.
  let probed: Promise<LiveScan> | undefined
  let shown: string | undefined
  return await runReview(
    context,
    paths,
    options,
    async (files, review) => {
      probed ??= probe?.(review.onProgress)
      const scanning: ScanOptions = {
        ...review,
        as,
        now: processorClock(),
        changed,
        threads: typeof jobs === 'number' ? jobs : availableParallelism(),
        followFiles: options['followFiles'] === true,
        cache: cache === false ? undefined : scanCacheOf(context),
        minParseCoverage: typeof minCoverage === 'number' ? minCoverage : undefined,
        live: await probed,
      }
      if (fixing !== undefined && shown === undefined) {
        const { fixedTexts } = await import('../../../scanner/code/fixes/rounds.ts')
        const { unifiedDiff, writeFixes } = await import('../write-fixes.ts')
        const fixed = await fixedTexts((readText) => scanPaths(files, { ...scanning, readText }))
        shown = unifiedDiff(fixed.files)
        if (fixing === 'write') await writeFixes(fixed.files)
        if (options['quiet'] !== true) review.onNote(told(fixed, fixing))
      }
      return await scanPaths(files, scanning)
    },
    fixing === 'show' ? () => shown ?? '' : undefined,
  )
}

/** @throws PosternError `VALIDATION_ERROR` where `--dry-run` could mean both what is written and what is sent. */
function fixingOf({ fix, dryRun }: Readonly<Record<string, unknown>>, live: boolean): 'write' | 'show' | undefined {
  if (fix !== true) return undefined
  if (dryRun !== true) return 'write'
  if (live)
    throw new PosternError(
      'VALIDATION_ERROR',
      '--dry-run with --fix shows what would be written, and with a URL what would be sent: ask for one of them at a time.',
    )
  return 'show'
}

function told({ files, count }: Fixed, fixing: 'write' | 'show'): string {
  if (count === 0) return 'nothing here can be fixed by itself'
  const what = `${count} ${count === 1 ? 'fix' : 'fixes'} in ${files.length} ${files.length === 1 ? 'file' : 'files'}`
  return fixing === 'show' ? `${what}; nothing was written` : `${what}: ${files.map(({ file }) => file).join(', ')}`
}
