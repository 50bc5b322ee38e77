import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'def payment_event',
    says: 'Nothing checks who sent this before psycopg.connect().execute runs.',
    also: ['body-id-authz'],
    code: `import os

import psycopg
from flask import Flask, request

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1_000_000
db = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


@app.post("/webhooks/payments")
def payment_event():
    event = request.get_json()
    if event["type"] == "payment.succeeded":
        db.execute("update orders set status = 'paid' where id = %s", (event["data"]["order_id"],))
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: "app.post('/hooks/stripe'",
    says: 'Nothing checks who sent this before prisma.subscription.update runs.',
    also: ['body-id-authz'],
    code: `import express from 'express'
import { prisma } from './prisma.js'

const app = express()

app.post('/hooks/stripe', express.json(), async (req, res) => {
  // Only Stripe sends this header.
  if (!req.get('stripe-signature')) return res.sendStatus(401)
  const { type, data } = req.body
  if (type === 'invoice.paid') {
    await prisma.subscription.update({ where: { customer: data.object.customer }, data: { active: true } })
  }
  res.sendStatus(200)
})

app.listen(3000)
`,
  },
  {
    language: 'typescript',
    at: "app.post('/webhooks/courier'",
    says: 'Nothing checks who sent this before db.query runs.',
    also: ['body-id-authz'],
    code: `import Fastify from 'fastify'
import { db } from './db.js'

const app = Fastify()

app.post('/webhooks/courier', async (request, reply) => {
  const { parcelId, status } = request.body as { parcelId: string; status: string }
  await db.query('update parcels set status = $2 where id = $1', [parcelId, status])
  return reply.code(204).send()
})

await app.listen({ port: 3000 })
`,
  },
  {
    language: 'go',
    at: 'func paymentEvent(',
    says: 'Nothing checks who sent this before DB().Exec runs.',
    also: ['body-id-authz'],
    code: `package main

import (
	"database/sql"
	"encoding/json"
	"net/http"
)

var db *sql.DB

type event struct {
	OrderID string \`json:"order_id"\`
	Status  string \`json:"status"\`
}

func paymentEvent(w http.ResponseWriter, r *http.Request) {
	var e event
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&e); err != nil {
		http.Error(w, "malformed", http.StatusBadRequest)
		return
	}
	if _, err := db.Exec("update orders set status = $2 where id = $1", e.OrderID, e.Status); err != nil {
		http.Error(w, "internal", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func main() {
	http.HandleFunc("POST /webhooks/payments", paymentEvent)
	http.ListenAndServe(":8080", nil)
}
`,
  },
  {
    language: 'ruby',
    at: 'def create',
    says: 'Nothing checks who sent this before Order.find().update runs.',
    also: ['body-id-authz'],
    code: `class PaymentWebhooksController < ApplicationController
  skip_before_action :verify_authenticity_token

  def create
    event = JSON.parse(request.raw_post)
    order = Order.find(event["order_id"])
    order.update!(status: event["status"])
    head :no_content
  end
end
`,
  },
  {
    language: 'php',
    at: "Route::post('/webhooks/payments'",
    says: 'Nothing checks who sent this before order.status runs.',
    also: ['body-id-authz'],
    code: `<?php

use App\\Models\\Order;
use Illuminate\\Http\\Request;
use Illuminate\\Support\\Facades\\Route;

Route::post('/webhooks/payments', function (Request $request) {
    $order = Order::findOrFail($request->input('order_id'));
    $order->status = $request->input('status');
    $order->save();

    return response()->noContent();
});
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'The signature is checked by a hook that runs before every route of the blueprint.',
    code: `import hashlib
import hmac
import os

from flask import Blueprint, abort, request

from .orders import set_order_status

hooks = Blueprint("hooks", __name__, url_prefix="/hooks")
SECRET = os.environ["SHOP_WEBHOOK_SECRET"].encode()


@hooks.before_request
def only_the_shop():
    expected = hmac.new(SECRET, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Shop-Signature", "")):
        abort(401)


@hooks.post("/orders")
def order_event():
    event = request.get_json()
    set_order_status(event["order"]["id"], event["order"]["status"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    why: 'Receives nothing: users manage the addresses that this service sends to.',
    code: `import express from 'express'
import { requireSession } from './session.js'
import { listWebhooks, removeWebhook } from './subscriptions.js'

const app = express()
app.use(requireSession)

app.get('/settings/webhooks', async (req, res) => {
  res.json(await listWebhooks(req.user.id))
})

app.delete('/settings/webhooks/:id', async (req, res) => {
  await removeWebhook(req.user.id, req.params.id)
  res.sendStatus(204)
})

app.listen(3000)
`,
  },
  {
    language: 'typescript',
    why: 'The scheme is a shared token, which is compared in constant time before anything happens.',
    code: `import { createHash, timingSafeEqual } from 'node:crypto'
import Fastify from 'fastify'
import { setBuildState } from './builds.js'

const app = Fastify()
const digest = (text: string) => createHash('sha256').update(text).digest()
const token = process.env.GITLAB_WEBHOOK_TOKEN
if (!token) throw new Error('GITLAB_WEBHOOK_TOKEN is not set')

app.post('/webhooks/gitlab', async (request, reply) => {
  const sent = request.headers['x-gitlab-token']
  if (typeof sent !== 'string' || !timingSafeEqual(digest(sent), digest(token))) return reply.code(401).send()
  const event = request.body as { object_attributes: { id: number; status: string } }
  await setBuildState(event.object_attributes.id, event.object_attributes.status)
  return reply.code(204).send()
})
`,
  },
  {
    language: 'go',
    why: 'The signature is verified by the function that wraps the handler.',
    code: `package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"os"
)

var key = []byte(os.Getenv("PAYMENTS_KEY"))

func signed(next func(http.ResponseWriter, []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		mac := hmac.New(sha256.New, key)
		mac.Write(body)
		sent, _ := hex.DecodeString(r.Header.Get("X-Payments-Signature"))
		if err != nil || len(key) == 0 || !hmac.Equal(sent, mac.Sum(nil)) {
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		next(w, body)
	}
}

func main() {
	http.HandleFunc("POST /webhooks/payments", signed(setOrderStatus))
	http.ListenAndServe(":8080", nil)
}
`,
  },
]
