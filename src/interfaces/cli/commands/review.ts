import { PosternError } from '../../../base/model/errors.ts'
import { reviewPaths } from '../../../scanner/manifest/review.ts'
import { reviewInit, STARTER_NAME } from '../../../scanner/manifest/starter.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { runReview } from '../run-review.ts'
import { writeStarter } from '../write-starter.ts'

export async function review(
  context: CommandContext,
  paths: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const { init } = options
  if (init !== undefined) {
    if (paths.length > 0)
      throw new PosternError('VALIDATION_ERROR', '--init writes one file; it takes no paths to review.')
    const file = typeof init === 'string' ? init : STARTER_NAME
    return await writeStarter(context, file, reviewInit(), `make each line true, then: postern review ${file}`)
  }
  if (paths.length === 0)
    throw new PosternError('VALIDATION_ERROR', 'Name manifests or folders to review, or start one with --init.')
  return await runReview(context, paths, options, reviewPaths)
}
