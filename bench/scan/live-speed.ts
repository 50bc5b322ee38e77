/**
 * The whole set of webhook probes against a target on this machine: how long the command takes, and how much of the
 * set is spent waiting for the target. Processor time is that of the program, threads included; what it costs to start
 * is told beside it, as that does not depend on the target.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { webhookPlan } from '../../test/targets/probe-plans.ts'
import { isAvailable, startTarget } from '../../test/targets/start-target.ts'

const PROGRAM = fileURLToPath(new URL('../../dist/bin.js', import.meta.url))
const TARGETS = { seconds: 20, waiting: 0.95 }

/** Notes time and processor time when the first socket of the scan opens, and when the program ends. */
const TELLS = `data:text/javascript,${encodeURIComponent(`
  import { writeFileSync } from 'node:fs'
  import { Socket } from 'node:net'
  const now = () => { const { user, system } = process.cpuUsage(); return { ms: performance.now(), cpuMs: (user + system) / 1e3 } }
  const { connect } = Socket.prototype
  let first
  Socket.prototype.connect = function (...args) { first ??= now(); return connect.apply(this, args) }
  process.on('exit', () => writeFileSync(process.env.BENCH_USED, JSON.stringify({ first, last: now() })))
`)}`

interface Moment {
  readonly ms: number
  readonly cpuMs: number
}

interface Round {
  readonly seconds: number
  /** Of the set, from its first socket to its end. */
  readonly waiting: number
  readonly startMs: number
  readonly cpuMs: number
}

export async function measureLiveScans(rounds: number): Promise<{ readonly text: string; readonly met: boolean }> {
  const name = isAvailable('flask') ? 'flask' : 'express'
  const measured: Round[] = []
  for (let round = 0; round < rounds; round++) measured.push(await measure(name))
  const middle = (of: (round: Round) => number) => measured.map(of).sort((a, b) => a - b)[rounds >> 1] ?? 0
  const seconds = middle((round) => round.seconds)
  const waiting = middle((round) => round.waiting)
  const met = seconds < TARGETS.seconds && waiting >= TARGETS.waiting
  return {
    met,
    text: [
      `the full webhook probe set against a sound ${name} receiver: ${seconds.toFixed(1)} s (at most ${TARGETS.seconds}), ` +
        `${(waiting * 100).toFixed(1)} % of the set waiting (at least ${TARGETS.waiting * 100}) ${met ? 'ok' : 'MISSED'}`,
      `medians of ${rounds}; processor time ${middle((round) => round.cpuMs).toFixed(0)} ms in all, ` +
        `${middle((round) => round.startMs).toFixed(0)} ms of it before the first request`,
    ].join('\n'),
  }
}

async function measure(name: 'flask' | 'express'): Promise<Round> {
  await using target = await startTarget(name)
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-live-'))
  try {
    const plan = join(folder, 'plan.json')
    const used = join(folder, 'used.json')
    const report = join(folder, 'report.json')
    const limits = { requests: 5_000, per_second: 2_000 }
    writeFileSync(plan, JSON.stringify({ targets: [webhookPlan(target)], destructive: true, limits }))
    const startedAt = performance.now()
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', TELLS, PROGRAM, 'scan', '--live-config', plan, '--quiet', '--output', report],
      { env: { ...process.env, BENCH_USED: used }, encoding: 'utf8' },
    )
    const seconds = (performance.now() - startedAt) / 1_000
    if (status !== 0) throw new Error(`the scan of a sound target ended with ${status}: ${stderr}`)
    const { first, last } = JSON.parse(readFileSync(used, 'utf8')) as Record<'first' | 'last', Moment>
    const waiting = 1 - (last.cpuMs - first.cpuMs) / (last.ms - first.ms)
    return { seconds, waiting, startMs: first.cpuMs, cpuMs: last.cpuMs }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
