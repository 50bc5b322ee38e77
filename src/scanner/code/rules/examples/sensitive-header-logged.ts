import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'log.info(',
    says: 'logging.getLogger().info writes all headers, the signature among them, to the log.',
    code: `import hashlib
import hmac
import logging
import os

from flask import Flask, abort, request

from .visits import upsert_visit

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
log = logging.getLogger(__name__)
KEY = os.environ["CLINIC_KEY"].encode()


@app.post("/hooks/clinic")
def visit_changed():
    log.info("delivery: %s", dict(request.headers))
    expected = hmac.new(KEY, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Clinic-Signature", "")):
        abort(401)
    visit = request.get_json()
    upsert_visit(visit["id"], visit["state"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: 'console.log(',
    says: 'console.log writes a signature or credential to the log.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { upsertVisit } from './visits.js'

const app = express()

app.post('/hooks/clinic', express.raw({ type: '*/*' }), async (req, res) => {
  const signature = req.get('x-clinic-signature') ?? ''
  console.log('clinic delivery', signature, req.body.length)
  const expected = createHmac('sha256', process.env.CLINIC_KEY).update(req.body).digest()
  const sent = Buffer.from(signature, 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const visit = JSON.parse(req.body)
  await upsertVisit(visit.id, visit.state)
  res.sendStatus(204)
})
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'Only the id of the delivery is logged, and whether a signature was there.',
    code: `import hashlib
import hmac
import logging
import os

from flask import Flask, abort, request

from .visits import upsert_visit

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
log = logging.getLogger(__name__)
KEY = os.environ["CLINIC_KEY"].encode()


@app.post("/hooks/clinic")
def visit_changed():
    signature = request.headers.get("X-Clinic-Signature", "")
    log.info("delivery %s, signed: %s", request.headers.get("X-Delivery-Id"), bool(signature))
    expected = hmac.new(KEY, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signature):
        abort(401)
    visit = request.get_json()
    upsert_visit(visit["id"], visit["state"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    why: 'A harmless header is logged, and the length of the body.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { upsertVisit } from './visits.js'

const app = express()

app.post('/hooks/clinic', express.raw({ type: '*/*' }), async (req, res) => {
  console.log('clinic delivery', req.get('x-clinic-delivery'), req.get('user-agent'), req.body.length)
  const expected = createHmac('sha256', process.env.CLINIC_KEY).update(req.body).digest()
  const sent = Buffer.from(req.get('x-clinic-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const visit = JSON.parse(req.body)
  await upsertVisit(visit.id, visit.state)
  res.sendStatus(204)
})
`,
  },
]
