/**
 * `kill -9` at random points, under load: the gateway, the database, one of the database's processes, or both.
 *
 * CRASH_POINTS says how many (200; 12 where CI is set), CRASH_SEED makes the same choices again. The processes' own
 * timing is not repeatable, so a seed that fails may have to be run more than once to fail again.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFailed, test } from 'vitest'
import { verifyTrail } from '../../src/audit/verify-trail.ts'
import { aDataDirectory } from '../support/cluster.ts'
import { type Life, superviseGateway } from './gateway-process.ts'
import { integrate } from './integrate.ts'
import { openEmbedded, openEvents, reckon } from './ledger.ts'
import { type ProviderLoad, startLoad } from './provider-load.ts'
import { type Random, seededRandom } from './random.ts'
import { aCountingSink } from './sink.ts'
import { type Battlefield, DECK, kill, type Victim } from './victims.ts'

const POINTS = Number(process.env['CRASH_POINTS'] || (process.env['CI'] ? 12 : 200))
const SEED = Number(process.env['CRASH_SEED'] || randomInt(1, 2 ** 31))
/** A test that waits for ever says nothing; these are far above what recovery takes on a slow machine. */
const COMEBACK_MS = 90_000
const RECOVERY_MS = 240_000

test(
  `${POINTS} kills under load lose nothing, double nothing and need nobody (CRASH_SEED=${SEED})`,
  async () => {
    const random = seededRandom(SEED)
    await using directory = await aDataDirectory('database')
    const dataDir = dirname(directory.path)
    await using sink = await aCountingSink()
    await using gateway = await superviseGateway({
      dataDir,
      managementKey: randomBytes(24).toString('hex'),
      command: ['up'],
    })
    const kills: Kill[] = []
    onTestFailed(() => console.error([...kills.map((each) => JSON.stringify(each)), ...gateway.logLines].join('\n')))
    await gateway.ready()
    const secret = `whsec_${randomBytes(24).toString('hex')}`
    const path = await integrate(gateway, secret, sink.url)
    const load = startLoad({ port: gateway.port, path, secret, random: seededRandom(SEED + 1) })

    const field = { gateway, random, cluster: join(dataDir, 'database/postgres/cluster') }
    await killAll(field, load, kills)
    const lastKill = Date.now()

    // From here on nobody does anything but wait, and the provider to send what it has not been told is safe.
    await acknowledgedMore(load, 100)
    await load.finish()
    await using db = await openEmbedded(dataDir)
    for (const deadline = Date.now() + RECOVERY_MS; Date.now() < deadline; await sleep(200)) {
      if ((await openEvents(db)) === 0) break
    }
    report({ load, kills, lives: gateway.lives, deliveries: sink.arrivals, recoveryMs: Date.now() - lastKill })

    // Each for itself: of a failure that cannot be repeated at will, everything must be seen at once.
    expect.soft(load.wrongAnswers).toEqual([])
    expect.soft(await reckon(db, load, sink)).toEqual([])
    expect.soft(await db.snapshot((tx) => verifyTrail(tx))).toMatchObject({ intact: true, faults: [] })
    expect.soft(unexplainedEnds(gateway.lives, kills)).toEqual([])
    expect(kills).toHaveLength(POINTS)
    expect(await gateway.stop()).toBe(0)
  },
  POINTS * 15_000 + COMEBACK_MS + RECOVERY_MS + 60_000,
)

interface Kill {
  readonly at: number
  readonly victim: Victim
  readonly what: string
  readonly acknowledgedBefore: number
}

async function killAll(field: Battlefield, load: ProviderLoad, kills: Kill[]): Promise<void> {
  let deck: Victim[] = []
  for (let point = 0; point < POINTS; point += 1) {
    if (deck.length === 0) deck = field.random.shuffled(DECK)
    await momentToKill(field.random, load, point === 0)
    const victim = deck.pop()!
    const acknowledgedBefore = load.acknowledged.size
    const what = await kill(victim, field)
    kills.push({ at: Date.now(), victim, what, acknowledgedBefore })
  }
}

/** Mostly in the middle of the work; at times while what was killed before is still coming back. */
async function momentToKill(random: Random, load: ProviderLoad, first: boolean): Promise<void> {
  if (!first && random.chance(0.25)) return void (await sleep(random.between(1, 1_500)))
  await acknowledgedMore(load, random.between(50, 400))
  await sleep(random.between(0, random.chance(0.2) ? 2_000 : 300))
}

async function acknowledgedMore(load: ProviderLoad, count: number): Promise<void> {
  const enough = load.acknowledged.size + count
  for (const deadline = Date.now() + COMEBACK_MS; load.acknowledged.size < enough; await sleep(5)) {
    if (Date.now() > deadline) throw new Error(`the gateway did not come back: ${JSON.stringify(load.counts)}`)
  }
}

/** A gateway that is up outlives its database; one that is just starting may give up when its database is killed meanwhile. */
function unexplainedEnds(lives: readonly Life[], kills: readonly Kill[]): readonly Life[] {
  return lives.filter(({ end, startedAt, readyAt, endedAt = Date.now() }) => {
    if (end !== 'by itself') return false
    const databaseKilled = kills.some(
      ({ victim, at }) => victim !== 'gateway' && at >= startedAt - 5_000 && at <= endedAt,
    )
    return readyAt !== undefined || !databaseKilled
  })
}

function report({
  load,
  kills,
  lives,
  deliveries,
  recoveryMs,
}: {
  readonly load: ProviderLoad
  readonly kills: readonly Kill[]
  readonly lives: readonly Life[]
  readonly deliveries: ReadonlyMap<string, { readonly count: number }>
  readonly recoveryMs: number
}): void {
  const acknowledged = [...load.acknowledged.values()]
  console.info(
    JSON.stringify({
      seed: SEED,
      kills: Object.fromEntries(
        [...new Set(DECK)].map((each) => [each, kills.filter(({ victim }) => victim === each).length]),
      ),
      starts: lives.length,
      gaveUpWhileStarting: lives.filter(({ end }) => end === 'by itself').length,
      sent: load.sent.size,
      acknowledged: acknowledged.length,
      afterSeveralTries: acknowledged.filter(({ tries }) => tries > 1).length,
      storedThoughUnanswered: acknowledged.filter(({ duplicate }) => duplicate).length,
      ...load.counts,
      deliveredTwiceOrMore: [...deliveries.values()].filter(({ count }) => count > 1).length,
      recoveryMs,
    }),
  )
}
