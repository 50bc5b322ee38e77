import { availableParallelism } from 'node:os'
import { scanPaths, TARGET_KINDS } from '../../../scanner/scan-paths.ts'
import { changedFiles } from '../changed-files.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { runReview } from '../run-review.ts'
import { scanCacheOf } from '../scan-cache.ts'
import { refuseOtherTargets } from '../scan-target.ts'

/** 0 nothing to object · 1 findings · 2 a target or the configuration is wrong · 3 failed · 4 too little to decide. */
export async function scan(
  context: CommandContext,
  targets: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const as = TARGET_KINDS.find((kind) => kind === options['as'])
  if (as === undefined) await refuseOtherTargets(targets)
  const { minCoverage, diff, jobs, cache } = options
  const changed = typeof diff === 'string' ? await changedFiles(diff) : undefined
  return await runReview(
    context,
    targets,
    options,
    async (paths, review) =>
      await scanPaths(paths, {
        ...review,
        as,
        now: () => performance.now(),
        changed,
        threads: typeof jobs === 'number' ? jobs : availableParallelism(),
        followFiles: options['followFiles'] === true,
        cache: cache === false ? undefined : scanCacheOf(context),
        minParseCoverage: typeof minCoverage === 'number' ? minCoverage : undefined,
      }),
  )
}
