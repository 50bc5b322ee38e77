import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'if not cache.set(',
    says: 'redis.Redis.from_url().set marks the event before add_to_balance has run; when that fails, the retry is taken for a copy.',
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
    if not cache.set(f"topup:{topup['id']}", "1", nx=True, ex=86_400):
        return "", 200
    add_to_balance(topup["wallet"], topup["amount"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: 'await redis.set(',
    says: 'redis.set marks the event before mailer.sendMail has run; when that fails, the retry is taken for a copy.',
    code: `import express from 'express'
import { Webhook } from 'svix'
import { mailer } from './mailer.js'
import { redis } from './redis.js'

const app = express()
const webhook = new Webhook(process.env.CLERK_WEBHOOK_SECRET)

app.post('/webhooks/clerk', express.raw({ type: 'application/json' }), async (req, res) => {
  const event = webhook.verify(req.body, req.headers)
  const first = await redis.set(\`clerk:\${req.get('svix-id')}\`, '1', 'EX', 86400, 'NX')
  if (first === null) return res.status(200).end()
  if (event.type === 'user.created') await mailer.sendMail({ to: event.data.email, subject: 'Welcome' })
  res.status(204).end()
})
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'The claim stands in the transaction of the effect and goes back with it.',
    code: `import hashlib
import hmac
import os

import psycopg
from flask import Flask, abort, request

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
KEY = os.environ["TOPUP_KEY"].encode()


@app.post("/hooks/topups")
def topped_up():
    expected = hmac.new(KEY, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Topup-Signature", "")):
        abort(401)
    topup = request.get_json()
    with psycopg.connect(os.environ["DATABASE_URL"]) as db, db.transaction():
        done = db.execute("insert into topups (id) values (%s) on conflict do nothing", (topup["id"],))
        if done.rowcount == 1:
            db.execute("update wallets set balance = balance + %s where id = %s", (topup["amount"], topup["wallet"]))
    return "", 204
`,
  },
  {
    language: 'javascript',
    why: 'The claim is released when the work fails, so the retry finds nothing marked.',
    code: `import express from 'express'
import { Webhook } from 'svix'
import { mailer } from './mailer.js'
import { redis } from './redis.js'

const app = express()
const webhook = new Webhook(process.env.CLERK_WEBHOOK_SECRET)

app.post('/webhooks/clerk', express.raw({ type: 'application/json' }), async (req, res) => {
  const event = webhook.verify(req.body, req.headers)
  const claim = \`clerk:\${req.get('svix-id')}\`
  if ((await redis.set(claim, '1', 'EX', 86400, 'NX')) === null) return res.status(200).end()
  try {
    if (event.type === 'user.created') await mailer.sendMail({ to: event.data.email, subject: 'Welcome' })
  } catch (error) {
    await redis.del(claim)
    throw error
  }
  res.status(204).end()
})
`,
  },
]
