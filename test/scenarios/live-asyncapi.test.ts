/** A socket whose messages come from its AsyncAPI document: the twin is judged as it is with a script by hand. */
import { describe, expect, test } from 'vitest'
import { SOCKET_FINDERS } from '../targets/found-by.ts'
import { describedSocketPlan, probe } from '../targets/probe-plans.ts'
import { startTarget } from '../targets/start-target.ts'

const FAULTS = ['ws-object-swap', 'ws-room-join', 'ws-nonce-replay', 'ws-no-validation'] as const

async function accusing(...faults: readonly (typeof FAULTS)[number][]) {
  await using target = await startTarget('express', { faults })
  const { surfaces, incomplete } = await probe(await describedSocketPlan(target))
  const records = surfaces.flatMap(({ probes = [] }) => probes)
  return {
    incomplete,
    ids: records
      .filter(({ verdicts }) => verdicts.some(({ standing }) => standing === 'faulty'))
      .map((one) => one.probe),
  }
}

describe('from the examples of a document', () => {
  test('nothing is found where nothing is wrong', { timeout: 120_000 }, async () => {
    expect(await accusing()).toEqual({ incomplete: false, ids: [] })
  })

  test('and every fault that a script by hand finds', { timeout: 120_000 }, async () => {
    const { ids } = await accusing(...FAULTS)
    expect(ids).toEqual(expect.arrayContaining(FAULTS.map((fault) => SOCKET_FINDERS[fault])))
  })

  test('a document without what is needed is refused before anything is sent', async () => {
    await using target = await startTarget('express')
    const other = `${import.meta.dirname}/../fixtures/joined/openapi.yaml`
    const plan = { ...Object(await describedSocketPlan(target)), asyncapi: other }
    await expect(probe(plan)).rejects.toThrow('describes no channel /ws')
  })
})
