import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'db.execute(',
    says: 'sqlite3.connect().execute runs before hmac.compare_digest has said who sent this.',
    code: `import hashlib
import hmac
import os
import sqlite3

from flask import Flask, abort, request

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
KEY = os.environ["CRM_KEY"].encode()


@app.post("/hooks/crm")
def contact_changed():
    contact = request.get_json()
    with sqlite3.connect("crm.db") as db:
        db.execute("update contacts set email = ? where id = ?", (contact["email"], contact["id"]))
    expected = hmac.new(KEY, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-CRM-Signature", "")):
        abort(401)
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: 'await orders.updateOne(',
    says: 'orders.updateOne runs before crypto.timingSafeEqual has said who sent this.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { orders } from './mongo.js'

const app = express()
app.use(express.json({ verify: (req, _res, bytes) => { req.rawBody = bytes } }))

function signed(req) {
  const expected = createHmac('sha256', process.env.SHOP_SECRET).update(req.rawBody).digest()
  const sent = Buffer.from(req.get('x-shop-hmac') ?? '', 'base64')
  return sent.length === expected.length && timingSafeEqual(sent, expected)
}

app.post('/webhooks/shop', async (req, res) => {
  await orders.updateOne({ _id: req.body.id }, { $set: { state: req.body.state } })
  if (!signed(req)) return res.status(401).end()
  res.status(204).end()
})
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'The delivery is logged before it is verified, and logging changes nothing.',
    code: `import hashlib
import hmac
import logging
import os

from fastapi import FastAPI, HTTPException, Request

from .contacts import set_email

app = FastAPI()
log = logging.getLogger(__name__)
KEY = os.environ["CRM_KEY"].encode()


@app.post("/hooks/crm")
async def contact_changed(request: Request):
    if int(request.headers["content-length"]) > 100_000:
        raise HTTPException(413)
    body = await request.body()
    log.info("crm delivery %s, %d bytes", request.headers.get("x-delivery-id"), len(body))
    expected = hmac.new(KEY, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("x-crm-signature", "")):
        raise HTTPException(401)
    contact = await request.json()
    await set_email(contact["id"], contact["email"])
    return {"ok": True}
`,
  },
  {
    language: 'javascript',
    why: 'The body is parsed first, but nothing is done with it until the signature was right.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setOrderState } from './orders.js'

const app = express()
app.use(express.json({ verify: (req, _res, bytes) => { req.rawBody = bytes } }))

function signed(req) {
  const expected = createHmac('sha256', process.env.SHOP_SECRET).update(req.rawBody).digest()
  const sent = Buffer.from(req.get('x-shop-hmac') ?? '', 'base64')
  return sent.length === expected.length && timingSafeEqual(sent, expected)
}

app.post('/webhooks/shop', async (req, res) => {
  const { id, state } = req.body
  if (!signed(req)) return res.status(401).end()
  await setOrderState(id, state)
  res.status(204).end()
})
`,
  },
]
