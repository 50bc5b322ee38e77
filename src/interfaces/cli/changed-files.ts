/** What git says has changed since a commit, below the working folder; files it does not know yet count as changed. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { PosternError } from '../../base/model/errors.ts'

const run = promisify(execFile)

/** @throws PosternError `VALIDATION_ERROR` with what git says, such as an unknown commit or no repository. */
export async function changedFiles(ref: string): Promise<ReadonlySet<string>> {
  // Never an option of git, whatever it is called.
  if (ref.startsWith('-') || ref === '')
    throw new PosternError('VALIDATION_ERROR', '--diff names a commit, branch or tag.')
  const lists = await Promise.all([
    git('diff', '--name-only', '--relative', '--diff-filter=d', '-z', ref, '--'),
    git('ls-files', '--others', '--exclude-standard', '-z'),
  ])
  return new Set(lists.flatMap((list) => list.split('\0')).filter((file) => file !== ''))
}

async function git(...args: readonly string[]): Promise<string> {
  try {
    return (await run('git', [...args], { maxBuffer: 64 * 1024 * 1024 })).stdout
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim().split('\n')[0] : ''
    throw new PosternError('VALIDATION_ERROR', `--diff needs git and a repository${said === '' ? '.' : `: ${said}`}`, {
      cause,
    })
  }
}
