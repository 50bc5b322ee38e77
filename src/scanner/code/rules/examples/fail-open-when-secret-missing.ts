import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'if SECRET:',
    says: 'When WAREHOUSE_SECRET is not set, nothing is verified and set_stock runs.',
    code: `import hashlib
import hmac
import os

from flask import Flask, abort, request

from .stock import set_stock

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 500_000
SECRET = os.getenv("WAREHOUSE_SECRET")


@app.post("/hooks/warehouse")
def stock_changed():
    if SECRET:
        expected = hmac.new(SECRET.encode(), request.get_data(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
            abort(401)
    item = request.get_json()
    set_stock(item["sku"], item["count"])
    return "", 204
`,
  },
  {
    language: 'python',
    at: 'os.environ.get("WAREHOUSE_SECRET", "")',
    says: 'WAREHOUSE_SECRET is empty when it is not set, and an empty key is known to everybody.',
    code: `import hashlib
import hmac
import os

from flask import Flask, abort, request

from .stock import set_stock

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 500_000
SECRET = os.environ.get("WAREHOUSE_SECRET", "")


@app.post("/hooks/warehouse")
def stock_changed():
    expected = hmac.new(SECRET.encode(), request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
        abort(401)
    item = request.get_json()
    set_stock(item["sku"], item["count"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: "if (process.env.NODE_ENV === 'production') {",
    says: 'Whether the sender is verified depends on NODE_ENV; setInvoicePaid runs either way.',
    code: `import express from 'express'
import Stripe from 'stripe'
import { setInvoicePaid } from './invoices.js'

const app = express()
const stripe = new Stripe(process.env.STRIPE_API_KEY)

app.post('/webhooks/stripe', express.raw({ type: 'application/json' }), async (req, res) => {
  let event
  if (process.env.NODE_ENV === 'production') {
    event = stripe.webhooks.constructEvent(req.body, req.get('stripe-signature'), process.env.STRIPE_WEBHOOK_SECRET)
  } else {
    event = JSON.parse(req.body)
  }
  if (event.type === 'invoice.paid') await setInvoicePaid(event.data.object.id)
  res.json({ received: true })
})
`,
  },
  {
    language: 'go',
    at: 'os.Getenv("WAREHOUSE_KEY")',
    says: 'WAREHOUSE_KEY is empty when it is not set, and an empty key is known to everybody.',
    code: `package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
)

var key = []byte(os.Getenv("WAREHOUSE_KEY"))

func stockChanged(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	mac := hmac.New(sha256.New, key)
	mac.Write(body)
	sent, _ := hex.DecodeString(r.Header.Get("X-Signature"))
	if !hmac.Equal(sent, mac.Sum(nil)) {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	var item Item
	json.Unmarshal(body, &item)
	setStock(item.SKU, item.Count)
}

func main() {
	http.HandleFunc("POST /hooks/warehouse", stockChanged)
	http.ListenAndServe(":8080", nil)
}
`,
  },
  {
    language: 'ruby',
    at: 'return if ENV["WAREHOUSE_KEY"].blank?',
    says: 'When WAREHOUSE_KEY is not set, nothing is verified and Item.find_by().update runs.',
    code: `class StockWebhooksController < ApplicationController
  skip_before_action :verify_authenticity_token
  before_action :require_signature

  def create
    item = JSON.parse(request.raw_post)
    Item.find_by!(sku: item["sku"]).update!(count: item["count"])
    head :no_content
  end

  private

  def require_signature
    return if ENV["WAREHOUSE_KEY"].blank?

    expected = OpenSSL::HMAC.hexdigest("SHA256", ENV["WAREHOUSE_KEY"], request.raw_post)
    sent = request.headers["X-Signature"].to_s
    head :unauthorized unless ActiveSupport::SecurityUtils.secure_compare(expected, sent)
  end
end
`,
  },
  {
    language: 'php',
    at: 'if ($key &&',
    says: 'When key is not set, nothing is verified and App.Models.Item.where().update runs.',
    code: `<?php

use App\\Models\\Item;
use Illuminate\\Http\\Request;
use Illuminate\\Support\\Facades\\Route;

Route::post('/hooks/warehouse', function (Request $request) {
    $key = config('services.warehouse.key');
    $sent = (string) $request->header('X-Signature');
    if ($key && !hash_equals(hash_hmac('sha256', $request->getContent(), $key), $sent)) {
        abort(401);
    }
    Item::where('sku', $request->json('sku'))->update(['count' => $request->json('count')]);

    return response()->noContent();
});
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'Without the secret the application does not start.',
    code: `import hashlib
import hmac
import os

from flask import Flask, abort, request

from .stock import set_stock

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 500_000
SECRET = os.getenv("WAREHOUSE_SECRET", "")
if not SECRET:
    raise RuntimeError("WAREHOUSE_SECRET is not set")


@app.post("/hooks/warehouse")
def stock_changed():
    expected = hmac.new(SECRET.encode(), request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
        abort(401)
    item = request.get_json()
    set_stock(item["sku"], item["count"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    why: 'Nobody asks whether the secret is set, but an undefined key makes `createHmac` throw, and the request ends there.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setStock } from './stock.js'

const app = express()

app.post('/hooks/warehouse', express.raw({ type: '*/*' }), async (req, res) => {
  const expected = createHmac('sha256', process.env.WAREHOUSE_SECRET).update(req.body).digest()
  const sent = Buffer.from(req.get('x-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const { sku, count } = JSON.parse(req.body)
  await setStock(sku, count)
  res.sendStatus(204)
})
`,
  },
  {
    language: 'typescript',
    why: 'Without the secret every request is refused.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import Fastify from 'fastify'
import rawBody from 'fastify-raw-body'
import { setStock } from './stock.js'

const app = Fastify()
await app.register(rawBody)

app.post('/hooks/warehouse', { config: { rawBody: true } }, async (request, reply) => {
  const secret = process.env.WAREHOUSE_SECRET
  if (!secret) return reply.code(503).send({ error: 'not configured' })
  const expected = createHmac('sha256', secret).update(request.rawBody ?? '').digest()
  const sent = Buffer.from(String(request.headers['x-signature']), 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return reply.code(401).send()
  const { sku, count } = request.body as { sku: string; count: number }
  await setStock(sku, count)
  return reply.code(204).send()
})
`,
  },
]
