import { describe, expect, test } from 'vitest'
import { newId } from '../../../base/model/ids.ts'
import { coordinationConformance } from '../coordination.conformance.ts'
import { openInProcessCoordination } from './in-process-coordination.ts'

describe('in-process coordination', () => {
  coordinationConformance(async (options) => {
    const coordination = openInProcessCoordination(options)
    return { gateways: [coordination, coordination], [Symbol.asyncDispose]: () => coordination.close() }
  })

  test('answers are values, not promises, so that the hot path waits for nothing', () => {
    const coordination = openInProcessCoordination()
    const marker = { key: newId(), eventId: newId(), fingerprint: newId() }
    expect(coordination.remember([marker])).toBeUndefined()
    expect(coordination.seen(marker.key)).toEqual({ eventId: marker.eventId, fingerprint: marker.fingerprint })
    expect(coordination.allow('a', 1)).toMatchObject({ allowed: true })
    expect(coordination.degraded).toBe(false)
  })

  test('more markers than fit push out the oldest, which then count as not seen', () => {
    const coordination = openInProcessCoordination({ maxMarkers: 100 })
    const markers = Array.from({ length: 101 }, () => ({ key: newId(), eventId: newId(), fingerprint: newId() }))
    coordination.remember(markers)
    expect(coordination.seen(markers[0]!.key)).toBeUndefined()
    expect(markers.filter(({ key }) => coordination.seen(key) !== undefined)).toHaveLength(100)
  })

  test('markers age by the clock that was given', () => {
    let now = 1_800_000_000_000
    const coordination = openInProcessCoordination({ now: () => now, rememberForMs: 1_000 })
    const marker = { key: newId(), eventId: newId(), fingerprint: newId() }
    coordination.remember([marker])
    now += 999
    expect(coordination.seen(marker.key)).toBeDefined()
    now += 2
    expect(coordination.seen(marker.key)).toBeUndefined()
  })
})
