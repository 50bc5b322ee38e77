/** Every scheme of every provider that can be signed for can be probed with: no probe breaks on its shape. */
import { expect, test } from 'vitest'
import { needsOf } from '../../providers/needs.ts'
import { providers } from '../../providers/registry.ts'
import { generateSigningKey } from '../../providers/sign.ts'
import { makePlan } from './plan.ts'
import { scanLive } from './scan-live.ts'

const SCHEMES = [...providers.values()].flatMap((definition) =>
  definition.schemes
    .filter(({ family }) => family !== 'mtls' && family !== 'fetch-back')
    .map((scheme) => [`${definition.id} ${scheme.name}`, definition, scheme] as const),
)

test.each(SCHEMES)('%s', async (_, definition, scheme) => {
  const { settings, pin } = needsOf(definition, scheme)
  const given = Object.fromEntries([
    ...settings.filter(({ required }) => required === true).map(({ name, example }) => [name, example]),
    ...(pin === undefined ? [] : [[pin.pin, pin.example]]),
    ...(scheme.family === 'basic' ? [[scheme.usernameSetting, 'user']] : []),
  ])
  const plan = makePlan({
    targets: [
      {
        kind: 'webhook',
        url: 'http://127.0.0.1:1/hook',
        provider: definition.id,
        scheme: scheme.name,
        settings: given,
        secret: generateSigningKey(scheme).signing,
        other_tenant: { secret: generateSigningKey(scheme).signing, fields: { '$.account': 'other' } },
        rotation: { also: generateSigningKey(scheme).signing, retired: generateSigningKey(scheme).signing },
      },
    ],
    // The same for all schemes, and 12 MB each.
    probes: { skip: ['oversized-length', 'oversized-chunked', 'parallel-copies', 'slow-body'] },
  })
  const result = await scanLive(plan, {
    now: Date.now,
    clock: () => performance.now(),
    env: {},
    secretOf: async (text) => text,
    readText: async () => '',
    dry: true,
  })
  const unfinished = result.surfaces
    .flatMap(({ probes = [] }) => probes)
    .flatMap(({ probe, verdicts }) => verdicts.map(({ detail }) => `${probe}: ${detail}`))
    .filter((text) => text.includes('Not finished'))
  expect(unfinished).toEqual([])
  expect(result.requests).toBeGreaterThan(20)
})
