import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'expected = hmac.new(',
    says: 'A time is part of what is signed, and nothing compares it with the clock.',
    code: `import hashlib
import hmac
import os

from flask import Flask, abort, request

from .cards import set_card_state

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
KEY = os.environ["CARDS_KEY"].encode()


@app.post("/hooks/cards")
def card_changed():
    sent_at = request.headers.get("X-Cards-Timestamp", "")
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
    at: 'if (Math.abs(Date.now()',
    says: 'The time that is compared here is not part of what was signed, so anybody can renew it.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setCardState } from './cards.js'

const app = express()

app.post('/hooks/cards', express.raw({ type: '*/*' }), async (req, res) => {
  const sentAt = Number(req.get('x-cards-timestamp'))
  if (Math.abs(Date.now() / 1000 - sentAt) <= 300) {
    // The time itself is not in the signature.
    const expected = createHmac('sha256', process.env.CARDS_KEY).update(req.body).digest()
    const sent = Buffer.from(req.get('x-cards-signature') ?? '', 'hex')
    if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
    const card = JSON.parse(req.body)
    await setCardState(card.id, card.state)
    return res.sendStatus(204)
  }
  res.sendStatus(400)
})
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'GitHub signs the body alone: there is no time to compare.',
    code: `import hashlib
import hmac
import os

from flask import Flask, abort, request

from .checks import upsert_check

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1_000_000
SECRET = os.environ["GITHUB_WEBHOOK_SECRET"].encode()


@app.post("/hooks/github")
def github():
    expected = "sha256=" + hmac.new(SECRET, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Hub-Signature-256", "")):
        abort(401)
    run = request.get_json()["check_run"]
    upsert_check(run["id"], run["status"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    why: 'The time is part of what is signed and may be five minutes off, in either direction.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setCardState } from './cards.js'

const app = express()

app.post('/hooks/cards', express.raw({ type: '*/*' }), async (req, res) => {
  const sentAt = req.get('x-cards-timestamp') ?? ''
  const age = Math.abs(Date.now() / 1000 - Number(sentAt))
  if (!(age <= 300)) return res.sendStatus(400)
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
    why: 'Stripe’s library compares the time itself, with a window of five minutes.',
    code: `import express from 'express'
import Stripe from 'stripe'
import { setInvoicePaid } from './invoices.js'

const app = express()
const stripe = new Stripe(process.env.STRIPE_API_KEY as string)

app.post('/webhooks/stripe', express.raw({ type: 'application/json' }), async (req, res) => {
  const signature = req.get('stripe-signature') ?? ''
  const event = stripe.webhooks.constructEvent(req.body, signature, process.env.STRIPE_WEBHOOK_SECRET as string)
  if (event.type === 'invoice.paid') await setInvoicePaid(event.data.object.id)
  res.json({ received: true })
})
`,
  },
]
