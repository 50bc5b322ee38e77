import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'hmac.new(KEY, text.encode()',
    says: 'The signature is given the parsed body instead of the bytes that were signed.',
    code: `import hashlib
import hmac
import json
import os

from flask import Flask, abort, request

from .shipments import set_state

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 200_000
KEY = os.environ["CARRIER_KEY"].encode()


@app.post("/hooks/carrier")
def shipment_moved():
    event = request.get_json()
    text = json.dumps(event, separators=(",", ":"))
    expected = hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Carrier-Signature", "")):
        abort(401)
    set_state(event["shipment"], event["state"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: '.update(JSON.stringify(req.body))',
    says: 'The signature is given the parsed body instead of the bytes that were signed.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setState } from './shipments.js'

const app = express()
app.use(express.json())

app.post('/hooks/carrier', async (req, res) => {
  const expected = createHmac('sha256', process.env.CARRIER_KEY).update(JSON.stringify(req.body)).digest()
  const sent = Buffer.from(req.get('x-carrier-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  await setState(req.body.shipment, req.body.state)
  res.sendStatus(204)
})
`,
  },
  {
    language: 'typescript',
    at: 'stripe.webhooks.constructEvent(',
    says: 'stripe().webhooks.constructEvent is given the parsed body instead of the bytes that were signed.',
    code: `import express from 'express'
import Stripe from 'stripe'
import { setInvoicePaid } from './invoices.js'

const app = express()
const stripe = new Stripe(process.env.STRIPE_API_KEY as string)
app.use(express.json())

app.post('/webhooks/stripe', async (req, res) => {
  const event = stripe.webhooks.constructEvent(req.body, req.get('stripe-signature')!, process.env.STRIPE_SECRET!)
  if (event.type === 'invoice.paid') await setInvoicePaid(event.data.object.id)
  res.json({ received: true })
})
`,
  },
  {
    language: 'go',
    at: 'hmac.New(',
    says: 'The signature is given the parsed body instead of the bytes that were signed.',
    code: `package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
)

var key = []byte(os.Getenv("CARRIER_KEY"))

func shipmentMoved(w http.ResponseWriter, r *http.Request) {
	var event Event
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&event); err != nil || len(key) == 0 {
		http.Error(w, "refused", http.StatusBadRequest)
		return
	}
	again, _ := json.Marshal(event)
	mac := hmac.New(sha256.New, key)
	mac.Write(again)
	sent, _ := hex.DecodeString(r.Header.Get("X-Carrier-Signature"))
	if !hmac.Equal(sent, mac.Sum(nil)) {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	setShipmentState(event.Shipment, event.State)
}

func main() {
	http.HandleFunc("POST /hooks/carrier", shipmentMoved)
	http.ListenAndServe(":8080", nil)
}
`,
  },
  {
    language: 'ruby',
    at: 'OpenSSL::HMAC.hexdigest(',
    says: 'The signature is given the parsed body instead of the bytes that were signed.',
    code: `class ShipmentWebhooksController < ApplicationController
  skip_before_action :verify_authenticity_token

  def create
    event = JSON.parse(request.raw_post)
    expected = OpenSSL::HMAC.hexdigest("SHA256", ENV.fetch("CARRIER_KEY"), event.to_json)
    sent = request.headers["X-Carrier-Signature"].to_s
    return head :unauthorized unless ActiveSupport::SecurityUtils.secure_compare(expected, sent)

    Shipment.find(event["shipment"]).update!(state: event["state"])
    head :no_content
  end
end
`,
  },
  {
    language: 'php',
    at: "hash_hmac('sha256', json_encode($request->all())",
    says: 'The signature is given the parsed body instead of the bytes that were signed.',
    code: `<?php

use App\\Models\\Shipment;
use Illuminate\\Http\\Request;
use Illuminate\\Support\\Facades\\Route;

Route::post('/hooks/carrier', function (Request $request) {
    $expected = hash_hmac('sha256', json_encode($request->all()), config('services.carrier.key'));
    if (!hash_equals($expected, (string) $request->header('X-Carrier-Signature'))) {
        abort(401);
    }
    $shipment = Shipment::findOrFail($request->input('shipment'));
    $shipment->update(['state' => $request->input('state')]);

    return response()->noContent();
});
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'The scheme signs fields of the form, so parsed values are what must be hashed.',
    code: `import hashlib
import hmac
import os
import time

from flask import Flask, abort, request

from .mail import upsert_mail_state

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 200_000
KEY = os.environ["MAILGUN_SIGNING_KEY"].encode()


@app.post("/hooks/mailgun")
def mail_event():
    event = request.get_json()
    signature = event["signature"]
    if abs(time.time() - int(signature["timestamp"])) > 300:
        abort(406)
    signed = signature["timestamp"] + signature["token"]
    expected = hmac.new(KEY, signed.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signature["signature"]):
        abort(406)
    upsert_mail_state(event["event-data"]["id"], event["event-data"]["event"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    why: 'The parser keeps the bytes beside the parsed body, and the bytes are what is hashed.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setState } from './shipments.js'

const app = express()
app.use(express.json({ verify: (req, _res, bytes) => { req.rawBody = bytes } }))

app.post('/hooks/carrier', async (req, res) => {
  const expected = createHmac('sha256', process.env.CARRIER_KEY).update(req.rawBody).digest()
  const sent = Buffer.from(req.get('x-carrier-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  await setState(req.body.shipment, req.body.state)
  res.sendStatus(204)
})
`,
  },
  {
    language: 'typescript',
    why: 'The body is parsed by hand from the text that was verified.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import Fastify from 'fastify'
import { setState } from './shipments.js'

const app = Fastify()
const key = process.env.CARRIER_KEY as string
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

app.post('/hooks/carrier', async (request, reply) => {
  const body = request.body as Buffer
  const expected = createHmac('sha256', key).update(body).digest()
  const sent = Buffer.from(String(request.headers['x-carrier-signature']), 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return reply.code(401).send()
  const { shipment, state } = JSON.parse(body.toString())
  await setState(shipment, state)
  return reply.code(204).send()
})
`,
  },
]
