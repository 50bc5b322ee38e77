/**
 * Who uses the server. Several gateways on one data directory share one server, and the last to leave stops it;
 * a process that was killed is recognised by its id and start time and not counted.
 */
import { randomBytes } from 'node:crypto'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive, startMark } from './processes.ts'

export interface Registration {
  /** Leaves. @returns Whether nobody else uses the server now. */
  leave(): Promise<boolean>
}

export async function register(directory: string): Promise<Registration> {
  const own = `${process.pid}_${await startMark(process.pid)}_${randomBytes(4).toString('hex')}`
  await writeFile(join(directory, own), '', { flag: 'wx', mode: 0o600 })
  return {
    async leave() {
      await rm(join(directory, own), { force: true })
      const others = await Promise.all((await readdir(directory)).map((name) => isInUse(directory, name)))
      return !others.includes(true)
    },
  }
}

async function isInUse(directory: string, name: string): Promise<boolean> {
  const [pid, mark] = name.split('_')
  if ((await isAlive(Number(pid))) && (await startMark(Number(pid))) === mark) return true
  await rm(join(directory, name), { force: true })
  return false
}
