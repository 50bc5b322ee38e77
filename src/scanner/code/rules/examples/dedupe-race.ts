import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'if cache.get(',
    says: 'redis.Redis.from_url().get looks whether the event was seen and redis.Redis.from_url().setex marks it later: copies in between pass.',
    code: `import hashlib
import hmac
import os

import redis
from flask import Flask, abort, request

from .wallets import add_to_balance

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
cache = redis.Redis.from_url(os.environ["REDIS_URL"])
KEY = os.environ["TOPUP_KEY"].encode()


@app.post("/hooks/topups")
def topped_up():
    expected = hmac.new(KEY, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Topup-Signature", "")):
        abort(401)
    topup = request.get_json()
    if cache.get(f"topup:{topup['id']}"):
        return "", 200
    add_to_balance(topup["wallet"], topup["amount"])
    cache.setex(f"topup:{topup['id']}", 86_400, "1")
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: 'await prisma.webhookEvent.findFirst(',
    says: 'prisma.webhookEvent.findFirst looks whether the event was seen and prisma.webhookEvent.create marks it later: copies in between pass.',
    code: `import express from 'express'
import Stripe from 'stripe'
import { prisma } from './prisma.js'
import { addCredits } from './credits.js'

const app = express()
const stripe = new Stripe(process.env.STRIPE_API_KEY)

app.post('/stripe', express.raw({ type: 'application/json' }), async (req, res) => {
  const secret = process.env.STRIPE_WEBHOOK_SECRET
  const event = stripe.webhooks.constructEvent(req.body, req.get('stripe-signature'), secret)
  const known = await prisma.webhookEvent.findFirst({ where: { eventId: event.id } })
  if (known) return res.sendStatus(200)
  if (event.type === 'checkout.session.completed') await addCredits(event.data.object.client_reference_id, 100)
  await prisma.webhookEvent.create({ data: { eventId: event.id } })
  res.sendStatus(200)
})
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: '`set` with `nx` looks and marks in one step; the mark is taken back when the work fails.',
    code: `import hashlib
import hmac
import os

import redis
from flask import Flask, abort, request

from .wallets import add_to_balance

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
cache = redis.Redis.from_url(os.environ["REDIS_URL"])
KEY = os.environ["TOPUP_KEY"].encode()


@app.post("/hooks/topups")
def topped_up():
    expected = hmac.new(KEY, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Topup-Signature", "")):
        abort(401)
    topup = request.get_json()
    mark = f"topup:{topup['id']}"
    if not cache.set(mark, "1", nx=True, ex=86_400):
        return "", 200
    try:
        add_to_balance(topup["wallet"], topup["amount"])
    except Exception:
        cache.delete(mark)
        raise
    return "", 204
`,
  },
  {
    language: 'javascript',
    why: 'The look saves work; what decides is the insert under a unique key that comes before the effect, in its transaction.',
    code: `import express from 'express'
import Stripe from 'stripe'
import { prisma } from './prisma.js'

const app = express()
const stripe = new Stripe(process.env.STRIPE_API_KEY)

app.post('/stripe', express.raw({ type: 'application/json' }), async (req, res) => {
  const secret = process.env.STRIPE_WEBHOOK_SECRET
  const event = stripe.webhooks.constructEvent(req.body, req.get('stripe-signature'), secret)
  if (await prisma.webhookEvent.findUnique({ where: { id: event.id } })) return res.sendStatus(200)
  await prisma.$transaction(async (tx) => {
    await tx.webhookEvent.create({ data: { id: event.id } })
    const { client_reference_id: id } = event.data.object
    await tx.account.update({ where: { id }, data: { credits: { increment: 100 } } })
  })
  res.sendStatus(200)
})
`,
  },
]
