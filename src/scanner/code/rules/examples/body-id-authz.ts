import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'Order.query.get(',
    says: 'Order.query.get finds one of our objects by an id that anybody can put into the body, and it is changed.',
    also: ['missing-signature'],
    code: `from flask import Flask, request

from .models import Order, db

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000


@app.post("/webhooks/payments")
def payment_event():
    event = request.get_json()
    order = Order.query.get(event["order_id"])
    order.status = "paid"
    db.session.commit()
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: 'await prisma.endpoint.create(',
    says: 'prisma.endpoint.create takes the owner from the body instead of from the caller’s identity.',
    code: `import express from 'express'
import { requireUser } from './auth.js'
import { guardedUrl } from './egress.js'
import { prisma } from './prisma.js'

const app = express()
app.use(express.json(), requireUser)

app.post('/webhook-endpoints', async (req, res) => {
  const url = await guardedUrl(req.body.url)
  const endpoint = await prisma.endpoint.create({ data: { url, tenantId: req.body.tenantId } })
  res.status(201).json({ id: endpoint.id })
})
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'The sender has proved with the provider’s secret who he is, and the ids are the provider’s own.',
    code: `import hashlib
import hmac
import os

from flask import Flask, abort, request

from .models import Order, db

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
SECRET = os.environ["PAYMENTS_SECRET"].encode()


@app.post("/webhooks/payments")
def payment_event():
    expected = hmac.new(SECRET, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Payments-Signature", "")):
        abort(401)
    event = request.get_json()
    order = Order.query.get(event["order_id"])
    order.status = "paid"
    db.session.commit()
    return "", 204
`,
  },
  {
    language: 'javascript',
    why: 'The tenant is the caller’s own.',
    code: `import express from 'express'
import { requireUser } from './auth.js'
import { guardedUrl } from './egress.js'
import { prisma } from './prisma.js'

const app = express()
app.use(express.json(), requireUser)

app.post('/webhook-endpoints', async (req, res) => {
  const url = await guardedUrl(req.body.url)
  const endpoint = await prisma.endpoint.create({ data: { url, tenantId: req.user.tenantId } })
  res.status(201).json({ id: endpoint.id })
})
`,
  },
]
