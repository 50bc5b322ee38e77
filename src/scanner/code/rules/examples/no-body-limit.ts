import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'Flask(__name__)',
    says: 'The whole body is read into memory, however large it is.',
    code: `import hashlib
import hmac
import os

from flask import Flask, abort, request

from .orders import set_order_state

app = Flask(__name__)
KEY = os.environ["SHOP_KEY"].encode()


@app.post("/hooks/shop")
def order_changed():
    expected = hmac.new(KEY, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Shop-Signature", "")):
        abort(401)
    order = request.get_json()
    set_order_state(order["id"], order["state"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: "express.raw({ type: '*/*', limit:",
    says: 'Bodies of up to 200 MiB are accepted before anybody has proved who he is.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setOrderState } from './orders.js'

const app = express()

app.post('/hooks/shop', express.raw({ type: '*/*', limit: '200mb' }), async (req, res) => {
  const expected = createHmac('sha256', process.env.SHOP_KEY).update(req.body).digest()
  const sent = Buffer.from(req.get('x-shop-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const order = JSON.parse(req.body)
  await setOrderState(order.id, order.state)
  res.sendStatus(204)
})
`,
  },
  {
    language: 'typescript',
    at: 'await c.req.text()',
    says: 'The whole body is read into memory, however large it is.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { setOrderState } from './orders.js'

const app = new Hono()

app.post('/hooks/shop', async (c) => {
  const body = await c.req.text()
  const expected = createHmac('sha256', process.env.SHOP_KEY!).update(body).digest()
  const sent = Buffer.from(c.req.header('x-shop-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return c.body(null, 401)
  const order = JSON.parse(body)
  await setOrderState(order.id, order.state)
  return c.body(null, 204)
})

serve({ fetch: app.fetch, port: 3000 })
`,
  },
  {
    language: 'go',
    at: 'io.ReadAll(r.Body)',
    says: 'The body is read to its end, however far that is.',
    code: `package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	key := os.Getenv("SHOP_KEY")
	if key == "" {
		log.Fatal("SHOP_KEY is not set")
	}
	http.HandleFunc("POST /hooks/shop", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write(body)
		sent, err := hex.DecodeString(r.Header.Get("X-Shop-Signature"))
		if err != nil || !hmac.Equal(sent, mac.Sum(nil)) {
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		var order Order
		json.Unmarshal(body, &order)
		setOrderState(order.ID, order.State)
	})
	http.ListenAndServe(":8080", nil)
}
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'A blueprint alone: the application that sets the limit is elsewhere.',
    code: `import hashlib
import hmac
import os

from flask import Blueprint, abort, request

from .orders import set_order_state

shop = Blueprint("shop", __name__)
KEY = os.environ["SHOP_KEY"].encode()


@shop.post("/hooks/shop")
def order_changed():
    expected = hmac.new(KEY, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Shop-Signature", "")):
        abort(401)
    order = request.get_json()
    set_order_state(order["id"], order["state"])
    return "", 204
`,
  },
  {
    language: 'python',
    why: 'FastAPI has no limit, but this reads in pieces and counts them.',
    code: `import hashlib
import hmac
import os

from fastapi import FastAPI, HTTPException, Request

from .orders import set_order_state

app = FastAPI()
KEY = os.environ["SHOP_KEY"].encode()


@app.post("/hooks/shop")
async def order_changed(request: Request):
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > 100_000:
            raise HTTPException(413)
    expected = hmac.new(KEY, bytes(body), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("x-shop-signature", "")):
        raise HTTPException(401)
    await set_order_state(bytes(body))
    return {"ok": True}
`,
  },
  {
    language: 'javascript',
    why: 'Nothing is said of a limit, and Express’s own is 100 kB.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setOrderState } from './orders.js'

const app = express()

app.post('/hooks/shop', express.raw({ type: '*/*' }), async (req, res) => {
  const expected = createHmac('sha256', process.env.SHOP_KEY).update(req.body).digest()
  const sent = Buffer.from(req.get('x-shop-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const order = JSON.parse(req.body)
  await setOrderState(order.id, order.state)
  res.sendStatus(204)
})
`,
  },
]
