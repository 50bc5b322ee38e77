/** What the operating system says about a process id. A number alone proves nothing: ids are reused, most of all in containers. */
import { execFile } from 'node:child_process'
import { readFile, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Whether a process has this id now. A zombie has ended: nobody may have waited for it (a container without an init). */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there, and another user's.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  return (await statFields(pid))?.[0] !== 'Z'
}

/** Tells two processes with the same id apart: clock ticks between boot and its start, or `-` where that cannot be read. */
export async function startMark(pid: number): Promise<string> {
  return (await statFields(pid))?.[19] ?? '-'
}

/** The command line, arguments joined by spaces, or undefined when it cannot be read. */
export async function commandOf(pid: number): Promise<string | undefined> {
  const text =
    process.platform === 'linux'
      ? (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')
      : (await run('ps', ['-ww', '-o', 'args=', '-p', String(pid)]).catch(() => ({ stdout: '' }))).stdout
  return text.trim() === '' ? undefined : text.trim()
}

/** The working directory, or undefined when it cannot be read. */
export async function directoryOf(pid: number): Promise<string | undefined> {
  return readlink(`/proc/${pid}/cwd`).catch(() => undefined)
}

/** Fields of /proc/<pid>/stat from the third on (state first); the second may itself hold spaces and brackets. */
async function statFields(pid: number): Promise<readonly string[] | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')
}
