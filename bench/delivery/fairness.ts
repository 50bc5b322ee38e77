/**
 * Does one tenant's backlog slow another's events down? The same load of one tenant, alone and beside the other's
 * events: while those are being routed, while all of them wait for a paused destination, and while they go to a slow one.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Gateway } from '../gateway.ts'
import type { FarSide } from './far-side-process.ts'
import type { Options } from './options.ts'
import { makeOtherTenant } from './other-tenant.ts'
import { type Round, runRound } from './round.ts'
import type { DeliverySide } from './side.ts'

export interface FairnessStage {
  readonly name: 'alone' | 'routing' | 'paused' | 'slow' | 'alone again'
  readonly round: Round
  /** What the other tenant still had when the round was over. */
  readonly waiting: { readonly process: number; readonly deliver: number }
}

const RATE = 200
/** Longer than routing any backlog takes. */
const ROUTED_MS = 300_000
const SETTLE_MS = 5_000

export async function measureFairness(
  gateway: Gateway,
  side: DeliverySide,
  farSide: FarSide,
  options: Pick<Options, 'seconds' | 'warmupSeconds' | 'size' | 'backlog'>,
  say: (text: string) => void,
): Promise<readonly FairnessStage[]> {
  const other = await makeOtherTenant(gateway, farSide.url('slow'))
  const stages: FairnessStage[] = []
  const measure = async (name: FairnessStage['name'], warmupSeconds = 0) => {
    say(`fairness, ${name} …`)
    const { seconds, size } = options
    const round = await runRound(side, farSide, { rate: RATE, seconds, warmupSeconds, size })
    const waiting = { process: await other.waiting('process'), deliver: await other.waiting('deliver') }
    stages.push({ name, round, waiting })
  }

  await measure('alone', options.warmupSeconds)
  say(`fairness: ${options.backlog} events of another tenant …`)
  await other.addEvents(options.backlog, options.size)
  await measure('routing')
  for (const until = Date.now() + ROUTED_MS; (await other.waiting('process')) > 0; await sleep(500))
    if (Date.now() > until) throw new Error('the backlog of the other tenant was not routed in five minutes')
  // The question is what waiting events cost, not what cleaning up behind so much writing does, which would happen some time.
  await other.tidy()
  await sleep(SETTLE_MS)
  await measure('paused')
  await other.resume()
  await measure('slow')
  await other.pause()
  // Its requests under way.
  await sleep(2_000)
  await measure('alone again')
  return stages
}
