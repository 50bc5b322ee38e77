import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'return redirect(',
    says: 'flask.redirect sends the browser to an address from the request.',
    code: `import hashlib
import hmac
import os

from flask import Flask, abort, redirect, request

from .payments import set_payment_state

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
KEY = os.environ["BANK_KEY"].encode()


@app.post("/callbacks/bank")
def bank_returned():
    expected = hmac.new(KEY, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Bank-Signature", "")):
        abort(401)
    set_payment_state(request.form["payment"], request.form["state"])
    return redirect(request.form["return_url"])
`,
  },
  {
    language: 'javascript',
    at: 'res.redirect(req.query.next)',
    says: 'response.redirect sends the browser to an address from the request.',
    code: `import express from 'express'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { setPaymentState } from './payments.js'

const app = express()

app.post('/callbacks/bank', express.raw({ type: '*/*' }), async (req, res) => {
  const expected = createHmac('sha256', process.env.BANK_KEY).update(req.body).digest()
  const sent = Buffer.from(req.get('x-bank-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const { payment, state } = JSON.parse(req.body)
  await setPaymentState(payment, state)
  res.redirect(req.query.next)
})
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'The request chooses among addresses of our own.',
    code: `import hashlib
import hmac
import os

from flask import Flask, abort, redirect, request

from .payments import set_payment_state

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
KEY = os.environ["BANK_KEY"].encode()
PAGES = {"paid": "/thanks", "refused": "/basket", "pending": "/orders"}


@app.post("/callbacks/bank")
def bank_returned():
    expected = hmac.new(KEY, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Bank-Signature", "")):
        abort(401)
    set_payment_state(request.form["payment"], request.form["state"])
    return redirect(PAGES.get(request.form["state"], "/"))
`,
  },
  {
    language: 'javascript',
    why: 'The host of the target is fixed, and the payload gives only a parameter.',
    code: `import express from 'express'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { setPaymentState } from './payments.js'

const app = express()

app.post('/callbacks/bank', express.raw({ type: '*/*' }), async (req, res) => {
  const expected = createHmac('sha256', process.env.BANK_KEY).update(req.body).digest()
  const sent = Buffer.from(req.get('x-bank-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const { payment, state } = JSON.parse(req.body)
  await setPaymentState(payment, state)
  res.redirect(\`/payments/\${encodeURIComponent(payment)}\`)
})
`,
  },
]
