/** Files that a command writes for somebody to go on from: made, never written over. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PosternError } from '../../base/model/errors.ts'
import type { CommandContext, ExitCode } from './context.ts'
import { printJson } from './output.ts'

/**
 * Created exclusively: looking first and writing then would lose to whoever writes in between.
 *
 * @param next What to do with it, behind "wrote FILE; ".
 */
export async function writeStarter(
  context: CommandContext,
  file: string,
  content: string,
  next: string,
): Promise<ExitCode> {
  if (file === '-') {
    context.stdout.write(content)
    return 0
  }
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content, { flag: 'wx' })
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    throw new PosternError(
      'VALIDATION_ERROR',
      exists ? `${file} exists and is not overwritten.` : `${file} cannot be written.`,
      { cause },
    )
  }
  if (context.json) printJson(context, { file })
  else context.stdout.write(`wrote ${file}; ${next}\n`)
  return 0
}
