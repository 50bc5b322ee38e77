import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'db.execute(',
    says: 'The same delivery sent twice runs sqlite3.connect().execute twice: nothing remembers the event’s id.',
    code: `import hashlib
import hmac
import os
import sqlite3

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
    with sqlite3.connect("wallets.db") as db:
        db.execute("update wallets set balance = balance + ? where id = ?", (topup["amount"], topup["wallet"]))
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: 'await mailer.sendMail(',
    says: 'The same delivery sent twice runs mailer.sendMail twice: nothing remembers the event’s id.',
    code: `import express from 'express'
import { Webhook } from 'svix'
import { mailer } from './mailer.js'

const app = express()
const webhook = new Webhook(process.env.CLERK_WEBHOOK_SECRET)

app.post('/webhooks/clerk', express.raw({ type: 'application/json' }), async (req, res) => {
  let event
  try {
    event = webhook.verify(req.body, req.headers)
  } catch {
    return res.status(400).end()
  }
  if (event.type === 'user.created') {
    await mailer.sendMail({ to: event.data.email_addresses[0].email_address, subject: 'Welcome' })
  }
  res.status(204).end()
})
`,
  },
  {
    language: 'typescript',
    at: 'await pool.query(',
    says: 'The same delivery sent twice runs pool.query twice: nothing remembers the event’s id.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { pool } from './pool.js'

const app = express()
// Forgotten at each restart, and every process has its own.
const seen = new Set<string>()

app.post('/hooks/topups', express.raw({ type: '*/*' }), async (req, res) => {
  const expected = createHmac('sha256', process.env.TOPUP_KEY!).update(req.body).digest()
  const sent = Buffer.from(req.get('x-topup-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const event = JSON.parse(req.body)
  if (seen.has(event.id)) return res.sendStatus(200)
  seen.add(event.id)
  await pool.query('update wallets set balance = balance + $2 where id = $1', [event.wallet, event.amount])
  res.sendStatus(204)
})
`,
  },
  {
    language: 'ruby',
    at: 'wallet.increment!(',
    says: 'The same delivery sent twice runs Wallet.find().increment twice: nothing remembers the event’s id.',
    code: `class TopupWebhooksController < ApplicationController
  skip_before_action :verify_authenticity_token
  before_action :require_signature

  def create
    topup = JSON.parse(request.raw_post)
    wallet = Wallet.find(topup["wallet"])
    wallet.increment!(:balance, topup["amount"])
    head :no_content
  end

  private

  def require_signature
    expected = OpenSSL::HMAC.hexdigest("SHA256", ENV.fetch("TOPUP_KEY"), request.raw_post)
    sent = request.headers["X-Topup-Signature"].to_s
    head :unauthorized unless ActiveSupport::SecurityUtils.secure_compare(expected, sent)
  end
end
`,
  },
  {
    language: 'go',
    at: 'db.Exec(',
    says: 'The same delivery sent twice runs DB().Exec twice: nothing remembers the event’s id.',
    code: `package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
)

var db *sql.DB
var key = []byte(os.Getenv("TOPUP_KEY"))

func toppedUp(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil || len(key) == 0 {
		http.Error(w, "refused", http.StatusBadRequest)
		return
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(body)
	sent, err := hex.DecodeString(r.Header.Get("X-Topup-Signature"))
	if err != nil || !hmac.Equal(sent, mac.Sum(nil)) {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	var topup Topup
	if json.Unmarshal(body, &topup) == nil {
		db.Exec("update wallets set balance = balance + $2 where id = $1", topup.Wallet, topup.Amount)
	}
}

func main() {
	http.HandleFunc("POST /hooks/topups", toppedUp)
	http.ListenAndServe(":8080", nil)
}
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'The id of the event is inserted in the transaction that adds to the balance, under a unique key.',
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
    with psycopg.connect(os.environ["DATABASE_URL"]) as db:
        fresh = db.execute("insert into topups (id) values (%s) on conflict do nothing returning id", (topup["id"],))
        if fresh.fetchone() is None:
            return "", 200
        db.execute("update wallets set balance = balance + %s where id = %s", (topup["amount"], topup["wallet"]))
    return "", 204
`,
  },
  {
    language: 'javascript',
    why: 'The state is set, not added to: a second time changes nothing.',
    code: `import express from 'express'
import { Webhook } from 'svix'
import { prisma } from './prisma.js'

const app = express()
const webhook = new Webhook(process.env.CLERK_WEBHOOK_SECRET)

app.post('/webhooks/clerk', express.raw({ type: 'application/json' }), async (req, res) => {
  let event
  try {
    event = webhook.verify(req.body, req.headers)
  } catch {
    return res.status(400).end()
  }
  const { id, username } = event.data
  if (event.type === 'user.updated') {
    await prisma.user.upsert({ where: { id }, create: { id, username }, update: { username } })
  }
  res.status(204).end()
})
`,
  },
  {
    language: 'typescript',
    why: 'The queue knows the job by the event’s id, so that a copy is the same job.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import { Queue } from 'bullmq'
import express from 'express'

const app = express()
const topups = new Queue('topups', { connection: { url: process.env.REDIS_URL } })

app.post('/hooks/topups', express.raw({ type: '*/*' }), async (req, res) => {
  const expected = createHmac('sha256', process.env.TOPUP_KEY!).update(req.body).digest()
  const sent = Buffer.from(req.get('x-topup-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const event = JSON.parse(req.body)
  await topups.add('topup', event, { jobId: event.id })
  res.sendStatus(202)
})
`,
  },
]
