import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'javascript',
    at: "app.use('/hooks', signed)",
    says: 'signed is registered after this route and never runs for it.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setBin } from './bins.js'

const app = express()
app.use(express.json({ verify: (req, _res, bytes) => { req.rawBody = bytes } }))

function signed(req, res, next) {
  const expected = createHmac('sha256', process.env.WAREHOUSE_KEY).update(req.rawBody).digest()
  const sent = Buffer.from(req.get('x-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  next()
}

app.post('/hooks/warehouse', async (req, res) => {
  await setBin(req.body.bin, req.body.contents)
  res.sendStatus(204)
})

app.use('/hooks', signed)
`,
  },
  {
    language: 'typescript',
    at: "app.use('/hooks/*', signed)",
    says: 'signed is registered after this route and never runs for it.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import { Hono, type Context, type Next } from 'hono'
import { setBin } from './bins.js'

const app = new Hono()

async function signed(c: Context, next: Next) {
  const expected = createHmac('sha256', process.env.WAREHOUSE_KEY!).update(await c.req.text()).digest()
  const sent = Buffer.from(c.req.header('x-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return c.body(null, 401)
  await next()
}

app.post('/hooks/warehouse', async (c) => {
  const { bin, contents } = await c.req.json()
  await setBin(bin, contents)
  return c.body(null, 204)
})

app.use('/hooks/*', signed)

export default app
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'javascript',
    why: 'What stands after the route answers unknown addresses and errors; the check stands before it.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setBin } from './bins.js'

const app = express()
app.use(express.json({ verify: (req, _res, bytes) => { req.rawBody = bytes } }))

app.use('/hooks', (req, res, next) => {
  const expected = createHmac('sha256', process.env.WAREHOUSE_KEY).update(req.rawBody).digest()
  const sent = Buffer.from(req.get('x-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  next()
})

app.post('/hooks/warehouse', async (req, res) => {
  await setBin(req.body.bin, req.body.contents)
  res.sendStatus(204)
})

app.use((_req, res) => res.sendStatus(404))
app.use((error, _req, res, _next) => res.sendStatus(error.status ?? 500))
`,
  },
  {
    language: 'typescript',
    why: 'The check after the route is for other routes; this one carries its own.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express, { type NextFunction, type Request, type Response } from 'express'
import { requireAdmin } from './admin.js'
import { setBin } from './bins.js'

const app = express()

function signed(req: Request, res: Response, next: NextFunction) {
  const expected = createHmac('sha256', process.env.WAREHOUSE_KEY!).update(req.body).digest()
  const sent = Buffer.from(req.get('x-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  next()
}

app.post('/hooks/warehouse', express.raw({ type: '*/*' }), signed, async (req, res) => {
  const { bin, contents } = JSON.parse(req.body)
  await setBin(bin, contents)
  res.sendStatus(204)
})

app.use('/admin', requireAdmin)
app.get('/admin/bins', (_req, res) => res.render('bins'))
`,
  },
]
