import { describe, expect, test } from 'vitest'
import type { Evidence, ExaminedSurface } from '../../catalogue/evidence.ts'
import type { SurfaceStyle } from '../../catalogue/surfaces.ts'
import type { EvidenceSource } from '../../catalogue/terms.ts'
import { joinSurfaces } from './join.ts'
import { normalisePath, normaliseRoute, readRoute } from './route.ts'

function from(source: EvidenceSource, style: SurfaceStyle, route: string): ExaminedSurface {
  const piece: Evidence = {
    control: 'surface-inventory',
    state: 'present',
    place: 'application',
    source,
    detail: source,
  }
  return { id: `${source} ${route}`, style, route, traits: {}, evidence: [piece], missingArtifacts: [] }
}

const sourcesOf = (surfaces: readonly ExaminedSurface[]) =>
  surfaces.map(({ evidence }) => evidence.map(({ source }) => source).join('+'))

describe('one spelling for one route', () => {
  test.each([
    '/orders/{id}/items',
    '/orders/:id/items',
    '/orders/<int:id>/items/',
    '/orders/[id]/items',
    '/orders/[[...id]]/items',
    '/orders/{id:[0-9]+}/items',
    '//orders//:id(\\d+)/items',
    '/%6Frders/{id}/items',
    '/orders/./x/../{id}/items?page=1#top',
    'https://shop.example.com:8443/orders/{id}/items',
    'orders/*id/items',
  ])('%s', (path) => {
    expect(normalisePath(path)).toBe('/orders/{}/items')
  })

  test('what an escape changes stays escaped, and what only looks like a parameter stays itself', () => {
    expect(normalisePath('/a%2fb')).toBe('/a%2Fb')
    expect(normalisePath('/files:upload')).toBe('/files:upload')
    expect(normalisePath('/a%zz%')).toBe('/a%zz%')
    expect(normalisePath('')).toBe('/')
  })

  test('methods are upper case, several or any', () => {
    expect(normaliseRoute('post /a/')).toBe('POST /a')
    expect(readRoute('GET|POST /a')).toMatchObject({ methods: ['GET', 'POST'], path: '/a' })
    expect(readRoute('ANY /a')).toMatchObject({ methods: [], path: '/a' })
  })
})

describe('one surface for one route', () => {
  test('manifest, code, live and description meet, whatever their spelling', () => {
    const joined = joinSurfaces([
      from('manifest', 'webhook', '/hooks/<shop>'),
      from('code', 'webhook', 'POST /hooks/:shop/'),
      from('live', 'webhook', 'POST http://127.0.0.1:5000/hooks/{shop}'),
      from('spec', 'webhook', 'post //hooks/{id}'),
    ])
    expect(sourcesOf(joined)).toEqual(['manifest+code+live+spec'])
  })

  test('in REST the method is part of the name; a record that gives none speaks of all', () => {
    const spec = [from('spec', 'rest', 'GET /a'), from('spec', 'rest', 'POST /a')]
    expect(sourcesOf(joinSurfaces([from('live', 'rest', 'POST /a'), ...spec]))).toEqual(['spec', 'live+spec'])
    expect(sourcesOf(joinSurfaces([from('manifest', 'rest', '/a'), ...spec]))).toEqual([
      'manifest+spec',
      'manifest+spec',
    ])
    expect(sourcesOf(joinSurfaces([from('live', 'rest', 'DELETE /a'), ...spec]))).toEqual(['spec', 'spec', 'live'])
  })
})
