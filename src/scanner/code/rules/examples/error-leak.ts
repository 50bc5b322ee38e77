import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'return {"error": str(error)}',
    says: 'The answer holds the text of an internal error.',
    code: `import hashlib
import hmac
import os

from flask import Flask, abort, request

from .invoices import set_invoice_state

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
KEY = os.environ["BOOKS_KEY"].encode()


@app.post("/hooks/books")
def invoice_changed():
    expected = hmac.new(KEY, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Books-Signature", "")):
        abort(401)
    try:
        invoice = request.get_json()
        set_invoice_state(invoice["id"], invoice["state"])
    except Exception as error:
        return {"error": str(error)}, 500
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: 'error.stack',
    says: 'The answer holds the text of an internal error.',
    code: `import express from 'express'
import Stripe from 'stripe'
import { setInvoicePaid } from './invoices.js'

const app = express()
const stripe = new Stripe(process.env.STRIPE_API_KEY)

app.post('/stripe', express.raw({ type: 'application/json' }), async (req, res) => {
  const secret = process.env.STRIPE_WEBHOOK_SECRET
  try {
    const event = stripe.webhooks.constructEvent(req.body, req.get('stripe-signature'), secret)
    if (event.type === 'invoice.paid') await setInvoicePaid(event.data.object.id)
    res.sendStatus(204)
  } catch (error) {
    res.status(500).json({ message: error.message, stack: error.stack })
  }
})
`,
  },
  {
    language: 'typescript',
    at: 'reply.code(401).send(',
    says: 'The answer to a refused request holds the signature that was expected.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import Fastify from 'fastify'
import { setInvoiceState } from './invoices.js'

const app = Fastify()
const key = process.env.BOOKS_KEY as string
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

app.post('/hooks/books', async (request, reply) => {
  const body = request.body as Buffer
  const expected = createHmac('sha256', key).update(body).digest('hex')
  const sent = String(request.headers['x-books-signature'])
  if (sent.length !== expected.length || !timingSafeEqual(Buffer.from(sent), Buffer.from(expected))) {
    return reply.code(401).send({ error: 'bad signature', expected, sent })
  }
  const invoice = JSON.parse(body.toString())
  await setInvoiceState(invoice.id, invoice.state)
  return reply.code(204).send()
})
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'The exception is logged; the answer holds an id to look it up by.',
    code: `import hashlib
import hmac
import logging
import os
import uuid

from flask import Flask, abort, request

from .invoices import set_invoice_state

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
KEY = os.environ["BOOKS_KEY"].encode()


@app.post("/hooks/books")
def invoice_changed():
    expected = hmac.new(KEY, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Books-Signature", "")):
        abort(401)
    try:
        invoice = request.get_json()
        set_invoice_state(invoice["id"], invoice["state"])
    except Exception:
        incident = uuid.uuid4().hex
        logging.exception("incident %s", incident)
        return {"error": "internal", "incident": incident}, 500
    return "", 204
`,
  },
  {
    language: 'javascript',
    why: 'The text of the error goes to the log, not into the answer.',
    code: `import express from 'express'
import Stripe from 'stripe'
import { setInvoicePaid } from './invoices.js'

const app = express()
const stripe = new Stripe(process.env.STRIPE_API_KEY)

app.post('/stripe', express.raw({ type: 'application/json' }), async (req, res) => {
  let event
  try {
    event = stripe.webhooks.constructEvent(req.body, req.get('stripe-signature'), process.env.STRIPE_WEBHOOK_SECRET)
  } catch (error) {
    console.warn('stripe:', error.message)
    return res.status(400).json({ error: 'bad signature' })
  }
  if (event.type === 'invoice.paid') await setInvoicePaid(event.data.object.id)
  res.sendStatus(204)
})
`,
  },
]
