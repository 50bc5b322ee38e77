import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'if abs(time.time()',
    says: 'A request may be 86400 seconds old; 600 are enough.',
    code: `import hashlib
import hmac
import os
import time

from flask import Flask, abort, request

from .cards import set_card_state

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
KEY = os.environ["CARDS_KEY"].encode()
MAX_AGE = 24 * 60 * 60


@app.post("/hooks/cards")
def card_changed():
    sent_at = request.headers.get("X-Cards-Timestamp", "0")
    if abs(time.time() - int(sent_at)) > MAX_AGE:
        abort(400)
    signed = sent_at.encode() + b"." + request.get_data()
    expected = hmac.new(KEY, signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Cards-Signature", "")):
        abort(401)
    card = request.get_json()
    set_card_state(card["id"], card["state"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: 'if (Date.now() / 1000 - Number(sentAt) > 300)',
    says: 'Only the past is bounded: a time in the future is always accepted.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setCardState } from './cards.js'

const app = express()

app.post('/hooks/cards', express.raw({ type: '*/*' }), async (req, res) => {
  const sentAt = req.get('x-cards-timestamp') ?? ''
  if (Date.now() / 1000 - Number(sentAt) > 300) return res.sendStatus(400)
  const expected = createHmac('sha256', process.env.CARDS_KEY).update(\`\${sentAt}.\`).update(req.body).digest()
  const sent = Buffer.from(req.get('x-cards-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const card = JSON.parse(req.body)
  await setCardState(card.id, card.state)
  res.sendStatus(204)
})
`,
  },
  {
    language: 'python',
    at: 'stripe.Webhook.construct_event(',
    says: 'stripe.Webhook.construct_event is told to accept requests that are 604800 seconds old.',
    code: `import os

import stripe
from flask import Flask, request

from .invoices import set_invoice_paid

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 500_000


@app.post("/stripe")
def stripe_events():
    event = stripe.Webhook.construct_event(
        request.get_data(), request.headers["Stripe-Signature"], os.environ["STRIPE_SECRET"], tolerance=604_800
    )
    if event["type"] == "invoice.paid":
        set_invoice_paid(event["data"]["object"]["id"])
    return "", 204
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'Two comparisons close both sides; the future gets less than the past.',
    code: `import hashlib
import hmac
import os
import time

from flask import Flask, abort, request

from .cards import set_card_state

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
KEY = os.environ["CARDS_KEY"].encode()


@app.post("/hooks/cards")
def card_changed():
    sent_at = request.headers.get("X-Cards-Timestamp", "0")
    age = time.time() - int(sent_at)
    if age > 300 or age < -60:
        abort(400)
    signed = sent_at.encode() + b"." + request.get_data()
    expected = hmac.new(KEY, signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Cards-Signature", "")):
        abort(401)
    card = request.get_json()
    set_card_state(card["id"], card["state"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    why: 'The large number is in milliseconds: five minutes.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setCardState } from './cards.js'

const app = express()
const WINDOW_MS = 300_000

app.post('/hooks/cards', express.raw({ type: '*/*' }), async (req, res) => {
  const sentAt = req.get('x-cards-timestamp') ?? ''
  if (!(Math.abs(Date.now() - Number(sentAt) * 1000) <= WINDOW_MS)) return res.sendStatus(400)
  const expected = createHmac('sha256', process.env.CARDS_KEY).update(\`\${sentAt}.\`).update(req.body).digest()
  const sent = Buffer.from(req.get('x-cards-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const card = JSON.parse(req.body)
  await setCardState(card.id, card.state)
  res.sendStatus(204)
})
`,
  },
  {
    language: 'typescript',
    why: 'The day is the life of the remembered id, not of the request.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { addPoints } from './points.js'
import { redis } from './redis.js'

const app = express()
const DAY = 86_400

app.post('/hooks/points', express.raw({ type: '*/*' }), async (req, res) => {
  const sentAt = req.get('x-points-timestamp') ?? ''
  if (!(Math.abs(Date.now() / 1000 - Number(sentAt)) <= 300)) return res.sendStatus(400)
  const key = process.env.POINTS_KEY as string
  const expected = createHmac('sha256', key).update(\`\${sentAt}.\`).update(req.body).digest()
  const sent = Buffer.from(req.get('x-points-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const event = JSON.parse(req.body)
  if ((await redis.set(\`points:\${event.id}\`, '1', 'EX', DAY, 'NX')) !== 'OK') return res.sendStatus(200)
  try {
    await addPoints(event.member, event.points)
  } catch (error) {
    await redis.del(\`points:\${event.id}\`)
    throw error
  }
  res.sendStatus(204)
})
`,
  },
]
