import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PosternError } from '../../../base/model/errors.ts'
import { reviewPaths } from '../../../scanner/manifest/review.ts'
import { reviewInit, STARTER_NAME } from '../../../scanner/manifest/starter.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printJson } from '../output.ts'
import { runReview } from '../run-review.ts'

export async function review(
  context: CommandContext,
  paths: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const { init } = options
  if (init !== undefined) {
    if (paths.length > 0)
      throw new PosternError('VALIDATION_ERROR', '--init writes one file; it takes no paths to review.')
    return await writeStarter(context, typeof init === 'string' ? init : STARTER_NAME)
  }
  if (paths.length === 0)
    throw new PosternError('VALIDATION_ERROR', 'Name manifests or folders to review, or start one with --init.')
  return await runReview(context, paths, options, reviewPaths)
}

/** Created exclusively: looking first and writing then would lose to whoever writes in between. */
async function writeStarter(context: CommandContext, file: string): Promise<ExitCode> {
  if (file === '-') {
    context.stdout.write(reviewInit())
    return 0
  }
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, reviewInit(), { flag: 'wx' })
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    throw new PosternError(
      'VALIDATION_ERROR',
      exists ? `${file} exists and is not overwritten.` : `${file} cannot be written.`,
      { cause },
    )
  }
  if (context.json) printJson(context, { file })
  else context.stdout.write(`wrote ${file}; make each line true, then: postern review ${file}\n`)
  return 0
}
