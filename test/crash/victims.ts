/** Who is killed: found by what the operating system says at this moment, and killed with a signal nobody can handle. */
import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { findPostmaster } from '../../src/resources/store/embedded/postmaster.ts'
import type { SupervisedGateway } from './gateway-process.ts'
import type { Random } from './random.ts'

export type Victim = 'gateway' | 'postmaster' | 'backend' | 'both'

/** Twelve, so that the short version meets each of them. */
export const DECK: readonly Victim[] = [
  ...Array<Victim>(4).fill('gateway'),
  ...Array<Victim>(3).fill('postmaster'),
  ...Array<Victim>(3).fill('backend'),
  ...Array<Victim>(2).fill('both'),
]

/** A server that is being brought back has no process for some moments; one that is gone for longer stays away. */
const RESURRECTION_MS = 60_000

export interface Battlefield {
  readonly gateway: SupervisedGateway
  /** The data directory of PostgreSQL itself. */
  readonly cluster: string
  readonly random: Random
}

/** @returns What was killed, for the record. @throws Error when the victim did not come back from the last time. */
export async function kill(victim: Victim, field: Battlefield): Promise<string> {
  switch (victim) {
    case 'gateway':
      return killGateway(field.gateway)
    case 'postmaster':
      return killPostmaster(field.cluster)
    case 'backend':
      return killBackend(field)
    case 'both': {
      // In either order, with nothing in between.
      const pid = await postmasterPid(field.cluster)
      const steps = field.random.shuffled([() => killed(pid), () => field.gateway.signal('SIGKILL')])
      for (const step of steps) step()
      return `gateway and postmaster ${pid}`
    }
  }
}

async function killGateway(gateway: SupervisedGateway): Promise<string> {
  for (const deadline = Date.now() + RESURRECTION_MS; Date.now() < deadline; await sleep(5))
    if (gateway.signal('SIGKILL')) return `gateway ${gateway.lives.at(-1)?.pid}`
  throw new Error('the gateway was not started again')
}

async function killPostmaster(cluster: string): Promise<string> {
  for (;;) {
    const pid = await postmasterPid(cluster)
    if (killed(pid)) return `postmaster ${pid}`
  }
}

/** Mostly one that serves the gateway; at times the checkpointer, the WAL writer or another of its own. */
async function killBackend({ cluster, random }: Battlefield): Promise<string> {
  for (const deadline = Date.now() + RESURRECTION_MS; Date.now() < deadline; await sleep(20)) {
    const children = await childrenOf(await postmasterPid(cluster))
    const ours = children.filter((child) => child.command.includes('postern_app'))
    const candidates = random.chance(0.75) && ours.length > 0 ? ours : children
    if (candidates.length === 0) continue
    const { pid, command } = random.pick(candidates)
    if (killed(pid)) return `${command} (${pid})`
  }
  throw new Error('the database has no processes')
}

async function postmasterPid(cluster: string): Promise<number> {
  for (const deadline = Date.now() + RESURRECTION_MS; Date.now() < deadline; await sleep(10)) {
    const found = await findPostmaster(cluster)
    if (found.state === 'running') return found.pid
  }
  throw new Error('the database was not started again')
}

async function childrenOf(parent: number): Promise<readonly { readonly pid: number; readonly command: string }[]> {
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-A', '-o', 'pid=,ppid=,args='])
  return stdout.split('\n').flatMap((line) => {
    const [, pid, ppid, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return Number(ppid) === parent && command !== undefined ? [{ pid: Number(pid), command: command.trim() }] : []
  })
}

/** @returns Whether it was there to be killed. */
function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    // It ended on its own in between: nothing was killed.
    return false
  }
}
