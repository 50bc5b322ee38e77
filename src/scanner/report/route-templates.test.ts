import { expect, test } from 'vitest'
import type { ExaminedSurface } from '../../catalogue/evidence.ts'
import { underTemplates } from './route-templates.ts'

function asked(route: string): ExaminedSurface {
  return { id: route, style: 'rest', route, traits: {}, evidence: [], missingArtifacts: [] }
}

const placed = (route: string, ...templates: readonly string[]) => underTemplates([asked(route)], templates)[0]?.route

test.each([
  ['GET /orders/7', ['GET /orders/{id}'], 'GET /orders/{id}'],
  ['GET http://127.0.0.1:5000/orders/7', ['/orders/<int:id>'], 'GET /orders/<int:id>'],
  ['/files/a.csv', ['/files/{name}.csv', '/files/{name}.json'], '/files/{name}.csv'],
  ['GET /orders/mine', ['/orders/:id', '/orders/mine'], 'GET /orders/mine'],
  ['GET /a/b', ['/{x}/{y}', '/a/{y}'], 'GET /a/{y}'],
  // Two fit equally well: which one it was cannot be told.
  ['GET /a/b', ['/{x}/b', '/a/{y}'], 'GET /a/b'],
  ['GET /orders/7/items', ['/orders/{id}'], 'GET /orders/7/items'],
  ['GET /orders/{id}', ['/orders/:number'], 'GET /orders/{id}'],
  ['GET /a+b(c', ['/{x'], 'GET /a+b(c'],
])('%s beside %j is %s', (route, templates, is) => {
  expect(placed(route, ...templates)).toBe(is)
})
