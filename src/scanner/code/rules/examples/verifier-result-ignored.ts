import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'is_genuine(request.get_data(),',
    says: 'The result of hmac.compare_digest is not used, so mark_paid runs either way.',
    code: `import hashlib
import hmac
import os

from flask import Flask, request

from .payments import mark_paid

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 256 * 1024
SECRET = os.environ["PAYMENTS_SECRET"].encode()


def is_genuine(body: bytes, signature: str) -> bool:
    expected = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, signature)


@app.post("/webhooks/payments")
def payments():
    is_genuine(request.get_data(), request.headers.get("X-Signature", ""))
    event = request.get_json()
    mark_paid(event["payment_id"])
    return "", 204
`,
  },
  {
    language: 'python',
    at: 'stripe.Webhook.construct_event(',
    says: 'The refusal of stripe.Webhook.construct_event is caught and the code goes on to set_plan.',
    code: `import os

import stripe
from fastapi import FastAPI, Request

from .billing import log, set_plan

app = FastAPI()


@app.post("/stripe")
async def stripe_events(request: Request):
    if int(request.headers.get("content-length", "1000000")) > 500_000:
        return {"error": "too large"}
    body = await request.body()
    try:
        stripe.Webhook.construct_event(body, request.headers["stripe-signature"], os.environ["STRIPE_SECRET"])
    except stripe.SignatureVerificationError:
        log.warning("bad signature")
    event = await request.json()
    await set_plan(event["data"]["object"]["customer"], event["data"]["object"]["plan"])
    return {"received": True}
`,
  },
  {
    language: 'javascript',
    at: 'if (!isGenuine(',
    says: 'When crypto.timingSafeEqual says no, the code goes on to setTicketState.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setTicketState } from './tickets.js'

const app = express()
const secret = process.env.HELPDESK_SECRET

function isGenuine(body, signature) {
  const expected = Buffer.from(createHmac('sha256', secret).update(body).digest('hex'))
  const sent = Buffer.from(signature)
  return expected.length === sent.length && timingSafeEqual(expected, sent)
}

app.post('/hooks/helpdesk', express.raw({ type: '*/*' }), async (req, res) => {
  if (!isGenuine(req.body, req.get('x-helpdesk-signature') ?? '')) {
    res.status(401).end()
  }
  const ticket = JSON.parse(req.body)
  await setTicketState(ticket.id, ticket.state)
  if (!res.headersSent) res.status(204).end()
})
`,
  },
  {
    language: 'ruby',
    at: 'ActiveSupport::SecurityUtils.secure_compare(',
    says: 'The result of ActiveSupport.SecurityUtils.secure_compare is not used, so Refund.find().update runs either way.',
    code: `class RefundWebhooksController < ApplicationController
  skip_before_action :verify_authenticity_token

  def create
    expected = OpenSSL::HMAC.hexdigest("SHA256", ENV.fetch("PAYMENTS_KEY"), request.raw_post)
    ActiveSupport::SecurityUtils.secure_compare(expected, request.headers["X-Signature"].to_s)
    event = JSON.parse(request.raw_post)
    Refund.find(event["refund"]).update!(state: event["state"])
    head :no_content
  end
end
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'The check returns nothing and raises: calling it as a statement is how it is meant.',
    code: `import hashlib
import hmac
import os

from flask import Flask, abort, request

from .payments import mark_paid

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 256 * 1024
SECRET = os.environ["PAYMENTS_SECRET"].encode()


def require_signature() -> None:
    expected = hmac.new(SECRET, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
        abort(401)


@app.post("/webhooks/payments")
def payments():
    require_signature()
    mark_paid(request.get_json()["payment_id"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    why: 'The library raises on a wrong signature, and the exception ends the request.',
    code: `import express from 'express'
import { Webhook } from 'svix'
import { upsertUser } from './users.js'

const app = express()
const webhook = new Webhook(process.env.CLERK_WEBHOOK_SECRET)

app.post('/webhooks/clerk', express.raw({ type: 'application/json' }), async (req, res) => {
  let event
  try {
    event = webhook.verify(req.body, req.headers)
  } catch {
    return res.status(400).end()
  }
  if (event.type === 'user.created') await upsertUser(event.data.id, event.data)
  res.status(204).end()
})
`,
  },
  {
    language: 'typescript',
    why: 'The answer is kept and asked later, before anything happens.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { setState } from './shipments.js'

const app = new Hono()
const key = process.env.CARRIER_KEY
if (!key) throw new Error('CARRIER_KEY is not set')

app.post('/hooks/carrier', bodyLimit({ maxSize: 64 * 1024 }), async (c) => {
  const body = await c.req.text()
  const expected = createHmac('sha256', key).update(body).digest()
  const sent = Buffer.from(c.req.header('x-carrier-signature') ?? '', 'hex')
  const genuine = sent.length === expected.length && timingSafeEqual(sent, expected)
  const event = JSON.parse(body)
  if (!genuine) return c.text('bad signature', 401)
  await setState(event.shipment, event.state)
  return c.body(null, 204)
})

export default app
`,
  },
]
