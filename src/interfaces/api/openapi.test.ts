import { expect, test } from 'vitest'
import { renderOpenApi } from '../../../scripts/gen-openapi.ts'
import { testApi } from '../../../test/support/api.ts'
import { providers } from '../../providers/registry.ts'

type Operation = {
  operationId: string
  security: object[]
  responses: Record<string, unknown>
  parameters?: { name: string; in: string }[]
}
const documentOf = async () => JSON.parse(await renderOpenApi())
const operationsOf = (paths: Record<string, Record<string, Operation>>) =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  )

test('the description is the same bytes each time, and what a gateway serves', async () => {
  const [once, again] = [await renderOpenApi(), await renderOpenApi()]
  expect(once).toBe(again)
  const { api, request } = await testApi({} as never)
  const served = await request('GET', '/openapi.json', { headers: {} })
  expect(served.headers['content-type']).toBe('application/json')
  expect(served.text).toBe(once)
  await api.close()
})

test('every route is described once, under a name of its own, with who may call it and how it refuses', async () => {
  const document = await documentOf()
  expect(document.openapi).toBe('3.1.0')
  const operations = operationsOf(document.paths)
  const { api } = await testApi({} as never)
  const described = new Set(operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`))
  const routes = api.accessTable.filter(({ method, url }) => method !== 'HEAD' && url !== '/openapi.json')
  expect(described).toEqual(new Set(routes.map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`)))
  const names = operationsOf({ ...document.paths, ...document.webhooks }).map(({ operation }) => operation.operationId)
  expect(new Set(names).size).toBe(names.length)
  expect(names.every((name) => name !== undefined)).toBe(true)

  for (const { path, operation, method } of operations) {
    const route = routes.find(
      ({ url, method: verb }) => url.replace(/:(\w+)/g, '{$1}') === path && verb === method.toUpperCase(),
    )!
    const open = route.access === 'public'
    expect(operation.security, path).toEqual(open ? [] : [{ managementKey: [] }])
    expect(operation.responses['default'], path).toEqual({ $ref: '#/components/responses/Problem' })
    expect('401' in operation.responses, path).toBe(!open)
    for (const [, parameter] of path.matchAll(/\{(\w+)\}/g)) {
      expect(
        operation.parameters?.some(({ name, in: place }) => name === parameter && place === 'path'),
        `${path} ${parameter}`,
      ).toBe(true)
    }
  }
  await api.close()
})

test('every provider has its receiver, with its signature headers and its answers', async () => {
  const { webhooks } = await documentOf()
  expect(Object.keys(webhooks)).toEqual([...providers.keys()].sort())
  for (const { id, answers } of providers.values()) {
    if (answers === undefined)
      expect(Object.keys(webhooks[id].post.responses), id).toEqual([
        '200',
        '202',
        '400',
        '401',
        '404',
        '413',
        '415',
        '429',
        '503',
      ])
    expect(webhooks[id].post.description.length, id).toBeGreaterThan(20)
  }
  expect(webhooks.stripe.post.parameters).toContainEqual({
    name: 'stripe-signature',
    in: 'header',
    required: true,
    description: 'Carries the signed time, too.',
    schema: { type: 'string' },
  })
  expect(webhooks.github.post.security).toEqual([{ 'github.sha256': [] }])
  expect(webhooks.github.post.description).toMatch(/covers body/)
  expect(webhooks.globex.post.description).toMatch(/token/i)
})

test('every reference inside the description leads somewhere', async () => {
  const document = await documentOf()
  const references = JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)
  for (const [, pointer] of references) {
    const target = pointer!.split('/').reduce((at: unknown, key) => Object(at)[key], document)
    expect(target, pointer).toBeDefined()
  }
})

test('a secret is write-only in the description, and in no answer', async () => {
  const document = await documentOf()
  const { post } = document.paths['/api/v1/integrations']
  expect(post.requestBody.content['application/json'].schema.properties.secret.writeOnly).toBe(true)
  for (const { path, operation } of operationsOf(document.paths)) {
    if (path.endsWith('/signing-secret')) continue
    expect(JSON.stringify(operation.responses), path).not.toMatch(/"(secret|signingSecret|sealed|reference)":/)
  }
})
