/**
 * Processor time and memory of processes, from /proc: Linux only, and it says so elsewhere.
 *
 * A tree's processor time counts its living members and what members that ended left to their parents (`cutime`), so
 * a database that starts and stops backends is counted whole.
 */
import { readdirSync, readFileSync } from 'node:fs'

/** USER_HZ: the unit of /proc/<pid>/stat, 100 on every architecture Node is built for. */
const TICKS_PER_SECOND = 100

export function requireProc(): void {
  if (process.platform !== 'linux') {
    throw new Error('processor time and memory are read from /proc, so this benchmark runs on Linux only')
  }
}

interface ProcessStat {
  readonly pid: number
  readonly parent: number
  /** Of this process and of its ended children. */
  readonly cpuMs: number
}

/**
 * Milliseconds of processor time used so far by `root` and everything below it.
 *
 * @param except The root of a tree to leave out (the database, when the server started it).
 */
export function treeCpuMs(root: number, except?: number): number {
  return treeOf(root, except).reduce((sum, { cpuMs }) => sum + cpuMs, 0)
}

export function treePids(root: number, except?: number): readonly number[] {
  return treeOf(root, except).map(({ pid }) => pid)
}

export function parentOf(pid: number): number {
  return readStat(pid)?.parent ?? 0
}

export function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
}

export interface MachineCpu {
  /** Milliseconds all cores together were busy, whoever with. */
  readonly busyMs: number
  /** Milliseconds in which a virtual machine wanted to run and its host did not let it. */
  readonly stolenMs: number
}

/** Since the machine was started. */
export function machineCpu(): MachineCpu {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? ''
  const [user, nice, system, , , irq, softirq, steal] = line.split(/\s+/).slice(1).map(Number)
  const toMs = (ticks: number) => (ticks * 1000) / TICKS_PER_SECOND
  return {
    busyMs: toMs((user ?? 0) + (nice ?? 0) + (system ?? 0) + (irq ?? 0) + (softirq ?? 0)),
    stolenMs: toMs(steal ?? 0),
  }
}

function treeOf(root: number, except?: number): readonly ProcessStat[] {
  const children = new Map<number, ProcessStat[]>()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined
    if (stat === undefined) continue
    const siblings = children.get(stat.parent)
    if (siblings === undefined) children.set(stat.parent, [stat])
    else siblings.push(stat)
  }
  const first = readStat(root)
  if (first === undefined) throw new Error(`process ${root} is gone`)
  const members = [first]
  for (const member of members) {
    members.push(...(children.get(member.pid) ?? []).filter(({ pid }) => pid !== except))
  }
  return members
}

function readStat(pid: number): ProcessStat | undefined {
  const text = readProc(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  // The name stands in parentheses and may hold spaces and parentheses itself (proc_pid_stat(5)).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0)
  return { pid, parent: Number(fields[1]), cpuMs: (ticks * 1000) / TICKS_PER_SECOND }
}

/** `undefined` when the process ended since it was listed. */
function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

export function rssBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readProc(`/proc/${pid}/status`) ?? '')?.[1]
    return sum + Number(kib ?? 0) * 1024
  }, 0)
}

export interface RssSummary {
  readonly first: number
  readonly median: number
  readonly max: number
  readonly last: number
  readonly samples: number
}

/** Samples resident memory until stopped. */
export function sampleRss(pids: readonly number[], everyMs = 250): { stop(): readonly number[] } {
  const samples = [rssBytes(pids)]
  const timer = setInterval(() => samples.push(rssBytes(pids)), everyMs)
  return {
    stop() {
      clearInterval(timer)
      samples.push(rssBytes(pids))
      return samples
    },
  }
}

export function summariseRss(samples: readonly number[]): RssSummary {
  const sorted = [...samples].sort((a, b) => a - b)
  return {
    first: samples[0] ?? 0,
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
    max: sorted.at(-1) ?? 0,
    last: samples.at(-1) ?? 0,
    samples: samples.length,
  }
}
