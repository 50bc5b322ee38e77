/** What the plan has to name before it is asked: a burst, how long a sender may stop; and certificates, doubled headers. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { tlsFarSide } from '../../../../test/support/far-side.ts'
import { runPostern } from '../../../../test/support/gateway.ts'
import { aLiveTarget, type TargetFault } from '../../../../test/support/live-target.ts'
import { makePlan } from '../plan.ts'
import { scanLive } from '../scan-live.ts'

async function told(probe: string, limits: Readonly<Record<string, number>>, ...faults: readonly TargetFault[]) {
  await using target = await aLiveTarget(...faults)
  const plan = makePlan({
    targets: [
      {
        kind: 'webhook',
        url: target.url,
        provider: 'stripe',
        secret: target.secret,
        oracle: { status: { url: `${target.origin}/_effects?id={id}`, path: '$.count' } },
      },
    ],
    limits: { per_second: 5_000, ...limits },
    probes: { only: [probe] },
  })
  const { surfaces, incomplete } = await scanLive(plan, {
    now: Date.now,
    clock: () => performance.now(),
    env: process.env,
    secretOf: async (reference) => reference,
    readText: async () => '',
  })
  expect(incomplete).toBe(false)
  return surfaces
    .flatMap(({ probes = [] }) => probes.filter((record) => record.probe === probe))
    .flatMap(({ verdicts }) => verdicts.map(({ standing, detail }) => `${standing}: ${detail}`))
}

describe('a burst', () => {
  test('is not sent unless the plan says how many are too many', async () => {
    expect(await told('burst', {})).toEqual([expect.stringMatching(/^not-applicable/)])
  })

  test('that is more than the run may still send is not begun, and the run stays whole', async () => {
    expect(await told('burst', { burst: 200, requests: 300 })).toEqual([
      'unclear: A burst of 200 requests, sent twice, is more than the run may still send.',
    ])
  })

  test('that is limited is sound, and the run goes on when the limit has passed', async () => {
    expect(await told('burst', { burst: 200 }, 'rate-limited')).toEqual([
      'sound: Too many requests are refused, and the answer says when to come again.',
    ])
  })

  test('that nobody limits is a fault, and so is a limit that the sender lifts', async () => {
    expect(await told('burst', { burst: 200 })).toEqual([
      'faulty: None of 200 unsigned requests was refused for being too many.',
    ])
    expect(await told('burst', { burst: 200 }, 'rate-limited', 'limit-by-header')).toContain(
      'faulty: A forged X-Forwarded-For lifts the limit: the sender chooses who he is counted as.',
    )
  })
})

test('who stops in the middle of a body is held against the time that the plan allows', async () => {
  expect(await told('slow-body', { slow_seconds: 3 })).toContain(
    'sound: Who stops in the middle of a body is sent away within the time that the plan allows.',
  )
  expect(await told('slow-body', { slow_seconds: 3 }, 'waits-for-bodies')).toContain(
    'faulty: Who stops in the middle of a body still holds the connection after the time that the plan allows.',
  )
})

test('a doubled signature header of which one is picked in silence is told, with the arrangements that pass', async () => {
  // Express joins the two, and the first of a kind counts here.
  expect(await told('duplicate-headers', {}, 'doubled-headers')).toEqual([
    'sound: A wrong Stripe-Signature before the right one was refused with 401.',
    expect.stringContaining('faulty: A wrong Stripe-Signature is accepted behind the right one'),
  ])
})

describe('a certificate', () => {
  const fixture = (name: string) =>
    fileURLToPath(new URL(`../../../resources/outbound/fixtures/${name}`, import.meta.url))
  const key = readFileSync(fixture('server-key.pem'))

  test.each([
    ['server.pem', '127.0.0.1', {}, 'comes from an authority that this machine does not know'],
    ['expired.pem', '127.0.0.1', { NODE_EXTRA_CA_CERTS: fixture('authority.pem') }, 'has expired'],
    ['server.pem', 'localhost', { NODE_EXTRA_CA_CERTS: fixture('authority.pem') }, 'is for another name'],
  ] as const)('%s at %s %s', async (certificate, host, env, says) => {
    await using far = await tlsFarSide({ key, cert: readFileSync(fixture(certificate)) })
    const args = ['scan', `https://${host}:${far.port}/hook`, '--provider', 'stripe', '--secret', 'env:HOOK', '--json']
    const { stdout } = await runPostern(args, { env: { HOOK: 'whsec_0123456789abcdef', ...env } })
    const [surface] = JSON.parse(stdout.toString()).surfaces
    expect(surface.findings.map(({ message }: { message: string }) => message)).toContain(
      `Its certificate ${says}, so nobody can tell it from somebody on the way.`,
    )
  })
})
