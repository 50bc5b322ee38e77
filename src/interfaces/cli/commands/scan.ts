import { availableParallelism } from 'node:os'
import { PosternError } from '../../../base/model/errors.ts'
import { type Fixed, fixedTexts } from '../../../scanner/code/fixes/rounds.ts'
import { type ScanOptions, scanPaths, TARGET_KINDS } from '../../../scanner/scan-paths.ts'
import { changedFiles } from '../changed-files.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { runReview } from '../run-review.ts'
import { scanCacheOf } from '../scan-cache.ts'
import { refuseOtherTargets } from '../scan-target.ts'
import { unifiedDiff, writeFixes } from '../write-fixes.ts'

/** 0 nothing to object · 1 findings · 2 a target or the configuration is wrong · 3 failed · 4 too little to decide. */
export async function scan(
  context: CommandContext,
  targets: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const as = TARGET_KINDS.find((kind) => kind === options['as'])
  if (as === undefined) await refuseOtherTargets(targets)
  const { minCoverage, diff, jobs, cache } = options
  const fixing = fixingOf(options)
  const changed = typeof diff === 'string' ? await changedFiles(diff) : undefined
  let shown: string | undefined
  return await runReview(
    context,
    targets,
    options,
    async (paths, review) => {
      const scanning: ScanOptions = {
        ...review,
        as,
        now: () => performance.now(),
        changed,
        threads: typeof jobs === 'number' ? jobs : availableParallelism(),
        followFiles: options['followFiles'] === true,
        cache: cache === false ? undefined : scanCacheOf(context),
        minParseCoverage: typeof minCoverage === 'number' ? minCoverage : undefined,
      }
      if (fixing !== undefined && shown === undefined) {
        const fixed = await fixedTexts((readText) => scanPaths(paths, { ...scanning, readText }))
        shown = unifiedDiff(fixed.files)
        if (fixing === 'write') await writeFixes(fixed.files)
        if (options['quiet'] !== true) review.onNote(told(fixed, fixing))
      }
      return await scanPaths(paths, scanning)
    },
    fixing === 'show' ? () => shown ?? '' : undefined,
  )
}

/** @throws PosternError `VALIDATION_ERROR` for `--dry-run` alone. */
function fixingOf({ fix, dryRun }: Readonly<Record<string, unknown>>): 'write' | 'show' | undefined {
  if (dryRun === true && fix !== true)
    throw new PosternError('VALIDATION_ERROR', '--dry-run says what --fix would write: give both.')
  if (fix !== true) return undefined
  return dryRun === true ? 'show' : 'write'
}

function told({ files, count }: Fixed, fixing: 'write' | 'show'): string {
  if (count === 0) return 'nothing here can be fixed by itself'
  const what = `${count} ${count === 1 ? 'fix' : 'fixes'} in ${files.length} ${files.length === 1 ? 'file' : 'files'}`
  return fixing === 'show' ? `${what}; nothing was written` : `${what}: ${files.map(({ file }) => file).join(', ')}`
}
