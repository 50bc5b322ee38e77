/** Every kind of live surface: what a dry run says, and that a run which ends early is not whole and never passes. */
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { makePlan } from '../../src/scanner/live/plan.ts'
import { type LiveOptions, type LiveScan, scanLive } from '../../src/scanner/live/scan-live.ts'
import { planFor, type Surface } from '../targets/confusion.ts'
import { startTarget, type Target, type TargetName } from '../targets/start-target.ts'

const KINDS: readonly (readonly [Surface, TargetName])[] = [
  ['webhook', 'express'],
  ['rest', 'express'],
  ['job', 'express'],
  ['agent', 'agent'],
  ['stream', 'express'],
  ['json', 'ws'],
  ['socket.io', 'socket.io'],
  ['graphql-transport-ws', 'graphql-ws'],
]

type Limits = Readonly<Record<string, number>>

async function run(plan: unknown, limits: Limits, more: Partial<LiveOptions>): Promise<LiveScan> {
  const options: LiveOptions = {
    now: Date.now,
    clock: () => performance.now(),
    env: {},
    secretOf: async (text) => text,
    readText: async () => '',
    ...more,
  }
  const made = makePlan({
    targets: [plan as never],
    destructive: true,
    limits: { requests: 5_000, per_second: 2_000, ...limits },
  })
  return await scanLive(made, options)
}

/** Calls back when so many probes have begun: the run is then in the middle. */
function afterProbes(count: number, act: () => void): Pick<LiveOptions, 'onProgress'> {
  let begun = 0
  return {
    onProgress: () => {
      begun += 1
      if (begun === count) act()
    },
  }
}

function told({ warnings }: LiveScan): string {
  return warnings.map(({ message }) => message).join(' ')
}

describe.each(KINDS)('%s', (surface, name) => {
  const withTarget = async (use: (target: Target) => Promise<void>) => {
    await using target = await startTarget(name)
    await use(target)
  }

  test('a dry run connects to nobody and tells what each probe would send', () =>
    withTarget(async (target) => {
      let connections = 0
      const nobody = createServer((socket) => {
        connections += 1
        socket.destroy()
      })
      await new Promise<void>((resolve) => nobody.listen(0, '127.0.0.1', resolve))
      const { port } = nobody.address() as { port: number }
      const plan = JSON.stringify(await planFor(target, surface))
      const elsewhere = plan.replaceAll(new URL(target.url).host, `127.0.0.1:${port}`)
      const { surfaces, incomplete } = await run(JSON.parse(elsewhere), {}, { dry: true })
      nobody.close()
      expect({ connections, incomplete }).toEqual({ connections: 0, incomplete: false })
      const records = surfaces.flatMap(({ probes = [] }) => probes)
      const exchanges = records.flatMap((record) => record.exchanges)
      expect(exchanges.length).toBeGreaterThanOrEqual(5)
      expect(exchanges.every(({ request, response }) => request !== '' && response === '')).toBe(true)
      expect(JSON.stringify(surfaces)).not.toContain(target.secret)
    }))

  test('Ctrl-C ends it, with a report of what was seen', () =>
    withTarget(async (target) => {
      const interrupt = new AbortController()
      const pressing = afterProbes(2, () => interrupt.abort())
      const result = await run(await planFor(target, surface), {}, { ...pressing, interrupt: interrupt.signal })
      expect(result.incomplete).toBe(true)
      expect(told(result)).toContain('interrupted')
      expect(result.surfaces.length).toBeGreaterThan(0)
    }))

  test('the time for the whole run ends it', () =>
    withTarget(async (target) => {
      // So slow that no set of probes is through in a second.
      const result = await run(await planFor(target, surface), { seconds: 1, per_second: 2 }, {})
      expect(result.incomplete).toBe(true)
      expect(told(result)).toContain('limits.seconds')
    }))

  test('a target that is killed in the middle ends it', () =>
    withTarget(async (target) => {
      const result = await run(
        await planFor(target, surface),
        {},
        afterProbes(2, () => void target.stop()),
      )
      expect(result.incomplete).toBe(true)
    }))
})
