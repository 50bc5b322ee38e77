import { describe, expect, test } from 'vitest'
import { type AgentFault, aLiveAgent } from '../../../../test/support/live-agent.ts'
import { decideSurface } from '../../../catalogue/decide.ts'
import { makePlan } from '../plan.ts'
import { type LiveScan, scanLive } from '../scan-live.ts'

async function scan(target: unknown): Promise<LiveScan> {
  return await scanLive(makePlan({ targets: [target] }), {
    now: Date.now,
    clock: () => performance.now(),
    env: process.env,
    secretOf: async (reference) => reference,
    readText: async () => '',
  })
}

function faults({ surfaces }: LiveScan): readonly string[] {
  return surfaces
    .flatMap((surface) => decideSurface(surface).findings)
    .map(({ rule, control }) => `${rule}: ${control}`)
    .sort()
}

describe('an agent that strangers write to', () => {
  test('a sound one, though it repeats what it is told, is accused of nothing', async () => {
    await using agent = await aLiveAgent()
    const result = await scan(agent.target)
    expect(faults(result)).toEqual([])
    expect(result).toMatchObject({ incomplete: false, warnings: [] })
    const [surface] = result.surfaces
    const met = (surface === undefined ? [] : decideSurface(surface).controls)
      .filter(({ outcome }) => outcome === 'met')
      .map(({ control }) => control)
    expect(met).toEqual(
      expect.arrayContaining([
        'request-authentication',
        'llm-prompt-isolation',
        'llm-agency-limit',
        'llm-output-redaction',
        'request-rate-limit',
      ]),
    )
    expect(JSON.stringify(result)).not.toContain('agent-token-0123456789')
  })

  test.each<readonly [AgentFault, readonly string[]]>([
    ['obeys', ['llm-injection: llm-prompt-isolation']],
    ['leaks-prompt', ['llm-leak: llm-output-redaction']],
    ['leaks-keys', ['llm-leak: llm-output-redaction']],
    ['acts', ['llm-agency: llm-agency-limit', 'llm-agency: llm-prompt-isolation']],
    ['writes-on', ['llm-cost: request-rate-limit']],
    ['open', ['llm-no-credential: request-authentication']],
  ])('%s is found, and nothing else', async (fault, finds) => {
    await using agent = await aLiveAgent(fault)
    const result = await scan(agent.target)
    expect(faults(result)).toEqual(finds)
    // What came out is told, not repeated.
    expect(JSON.stringify(result)).not.toMatch(/seagrass|AKIA[0-9A-Z]/)
  })
})

test('without an oracle nobody says that an agent does not act', async () => {
  await using agent = await aLiveAgent('acts')
  const { oracle: _, ...target } = agent.target
  const result = await scan(target)
  expect(faults(result)).toEqual([])
  const record = result.surfaces[0]?.probes?.find(({ probe }) => probe === 'llm-agency')
  expect(record?.verdicts).toMatchObject([{ standing: 'unclear' }])
})

test('a plan without a place for text is refused before anything is sent', async () => {
  await expect(scan({ kind: 'llm', url: 'http://127.0.0.1:1/', body: '{}' })).rejects.toMatchObject({
    code: 'VALIDATION_ERROR',
  })
})
