/** Fixed receivers run: what was signed as it was sent gets in, whatever its spaces; a forgery does not, and nothing raises. */
import { createHmac } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { fixed, rulesFound } from '../../../../test/support/fixing.ts'

// Below the packages' folder, so that the receivers find their framework.
mkdirSync('node_modules/.cache', { recursive: true })
const folder = mkdtempSync(join('node_modules/.cache', 'postern-fixed-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SECRET = 'a secret of this test'
process.env['FIXED_SECRET'] = SECRET

const CHECK = (request: string, signature: string, refuse: string) => `
  const expected = createHmac('sha256', process.env.FIXED_SECRET).update(JSON.stringify(${request})).digest('hex')
  if (${signature} !== expected) ${refuse}`

const RECEIVERS = {
  express: `import { createHmac } from 'node:crypto'
import express from 'express'
import { store } from './store.js'

const app = express()
app.use(express.json({ limit: '50kb' }))

app.post('/webhooks/orders', async (req, res) => {${CHECK('req.body', "req.get('x-signature')", 'return res.sendStatus(401)')}
  await store.update(req.body.id)
  res.sendStatus(204)
})

export async function start() {
  const server = app.listen(0)
  await new Promise((resolve) => server.once('listening', resolve))
  return { port: server.address().port, stop: () => server.close() }
}
`,
  fastify: `import { createHmac } from 'node:crypto'
import Fastify from 'fastify'
import { store } from './store.js'

const app = Fastify()

app.post('/webhooks/orders', async (request, reply) => {${CHECK('request.body', "request.headers['x-signature']", 'return reply.code(401).send()')}
  await store.update(request.body.id)
  return reply.code(204).send()
})

export async function start() {
  await app.listen({ port: 0 })
  return { port: app.server.address().port, stop: () => app.close() }
}
`,
  hono: `import { createHmac } from 'node:crypto'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { store } from './store.js'

const app = new Hono()

app.post('/webhooks/orders', bodyLimit({ maxSize: 50000 }), async (c) => {
  const body = await c.req.json()${CHECK('body', "c.req.header('x-signature')", "return c.text('', 401)")}
  await store.update(body.id)
  return c.body(null, 204)
})

export async function start() {
  return await new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0 }, ({ port }) => resolve({ port, stop: () => server.close() }))
  })
}
`,
}

test.each(Object.entries(RECEIVERS))('%s', async (framework, code) => {
  const files = { 'server.js': code }
  expect(rulesFound(files)).toEqual(expect.arrayContaining(['parsed-body-signature', 'unsafe-compare']))
  const after = fixed(files)
  expect(rulesFound(after).filter((rule) => !/replay|freshness/.test(rule))).toEqual([])
  const stored: string[] = []
  const own = join(folder, framework)
  mkdirSync(own)
  writeFileSync(join(own, 'package.json'), '{"type":"module"}')
  writeFileSync(join(own, 'server.js'), after['server.js'] ?? '')
  writeFileSync(
    join(own, 'store.js'),
    'export const store = { update: async (id) => globalThis.storedByFixed.push(id) }\n',
  )
  Object.assign(globalThis, { storedByFixed: stored })
  const { port, stop } = await (await import(/* @vite-ignore */ join(process.cwd(), own, 'server.js'))).start()
  const post = async (body: string, headers: Readonly<Record<string, string>>): Promise<number> => {
    const address = `http://127.0.0.1:${port}/webhooks/orders`
    const answer = await fetch(address, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    })
    return answer.status
  }
  const sign = (body: string) => createHmac('sha256', SECRET).update(body).digest('hex')
  try {
    const body = '{ "id" : "o1", "total": 1.0, "name": "\\u00e9" }'
    expect(await post(body, { 'x-signature': sign(body) })).toBe(204)
    expect(await post(body, { 'x-signature': sign(JSON.stringify(JSON.parse(body))) })).toBe(401)
    expect(await post(body, { 'x-signature': 'é'.repeat(64) })).toBe(401)
    expect(await post(body, { 'x-signature': 'short' })).toBe(401)
    expect(await post(body, {})).toBe(401)
    expect(stored).toEqual(['o1'])
  } finally {
    await stop()
  }
})
