import { describe, expect, test } from 'vitest'
import { changes, type Files, fixed, rulesFound, scanned } from '../../../../test/support/fixing.ts'

const PACKAGE = JSON.stringify({ dependencies: { express: '5.0.0', postern: '0.1.0' } })
const OPEN = `import express from 'express'
import { markPaid } from './orders.js'

const app = express()

app.post('/webhooks/stripe', express.json(), async (req, res) => {
  await markPaid(req.body.data.object.id)
  res.sendStatus(204)
})
`
const ORDERS = 'export const markPaid = async (id) => db.query(`update orders set paid = true where id = $1`, [id])\n'

const service = (server: string, more: Files = { 'package.json': PACKAGE }): Files => ({
  'server.js': server,
  'orders.js': ORDERS,
  ...more,
})
const offers = (files: Files): number => scanned(files).fixes.filter(({ edits }) => edits.length > 0).length

describe('verified of postern/verify, in front of an open Express handler', () => {
  test('takes the place of the parser, and nothing is missing then', () => {
    const before = service(OPEN)
    expect(rulesFound(before)).toContain('missing-signature')
    const after = fixed(before)
    expect(changes(before, after)).toMatchInlineSnapshot(`
      "server.js
      +import { createVerifier, memoryReplayStore } from 'postern/verify'
      +import { verified } from 'postern/verify/express'
      +import { stripe as stripeScheme } from 'postern/verify/providers/stripe'
      -app.post('/webhooks/stripe', express.json(), async (req, res) => {
      +const stripeWebhooks = createVerifier({
      +  provider: stripeScheme,
      +  secret: process.env.STRIPE_WEBHOOK_SECRET,
      +  replay: memoryReplayStore(),
      +})
      +app.post('/webhooks/stripe', verified(stripeWebhooks), async (req, res) => {"
    `)
    expect(rulesFound(after)).toEqual([])
  })

  test('CommonJS, double quotes and semicolons stay', () => {
    const after = fixed(
      service(
        'const express = require("express");\nconst { markPaid } = require("./orders");\n\nconst app = express();\n\napp.post("/hooks/github", async (req, res) => {\n  await markPaid(req.body.id);\n  res.sendStatus(204);\n});\n',
        { 'package.json': PACKAGE, 'orders.js': 'exports.markPaid = async (id) => db.save(id);\n' },
      ),
    )
    expect(after['server.js']).toContain('const { verified } = require("postern/verify/express");\n')
    expect(after['server.js']).toContain(
      'const { github: githubScheme } = require("postern/verify/providers/github");\n',
    )
    expect(after['server.js']).toContain('app.post("/hooks/github", verified(githubWebhooks), async')
    expect(after['server.js']).toContain('secret: process.env.GITHUB_WEBHOOK_SECRET,')
  })

  test('a parser of the whole application keeps the bytes', () => {
    const after = fixed(
      service(OPEN.replace('express.json(), ', '').replace('express()\n', 'express()\napp.use(express.json())\n')),
    )
    expect(after['server.js']).toContain('app.use(express.json({ verify:')
    expect(after['server.js']).toContain("app.post('/webhooks/stripe', verified(stripeWebhooks), async")
  })

  test.each([
    ['the package is not installed', { 'package.json': '{"dependencies":{"express":"5.0.0"}}' }, OPEN],
    ['there is no package.json', {}, OPEN],
    ['package.json is broken', { 'package.json': '{' }, OPEN],
    ['the address names no provider', { 'package.json': PACKAGE }, OPEN.replace('/stripe', '/payments')],
    ['the provider signs the address, too', { 'package.json': PACKAGE }, OPEN.replace('/stripe', '/twilio')],
    ['the name is taken', { 'package.json': PACKAGE }, `${OPEN}\nconst stripeWebhooks = 1\n`],
    ['a name of the prototype', { 'package.json': PACKAGE }, OPEN.replace('/stripe', '/__proto__/constructor')],
  ])('nothing is offered where %s', (_, more, server) => {
    expect(offers(service(server, more as Files))).toBe(0)
  })
})
