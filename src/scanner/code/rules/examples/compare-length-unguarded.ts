import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'hmac.compare_digest(',
    says: 'hmac.compare_digest raises when no signature was sent.',
    code: `import hashlib
import hmac
import os

from flask import Flask, abort, request

from .leads import upsert_lead

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
SECRET = os.environ["LEADS_SECRET"].encode()


@app.post("/hooks/leads")
def new_lead():
    expected = hmac.new(SECRET, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Leads-Signature")):
        abort(401)
    lead = request.get_json()
    upsert_lead(lead["id"], lead["email"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: 'if (!timingSafeEqual(',
    says: 'crypto.timingSafeEqual raises when the sent signature has another length.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { upsertLead } from './leads.js'

const app = express()

app.post('/hooks/leads', express.raw({ type: '*/*' }), async (req, res) => {
  const expected = createHmac('sha256', process.env.LEADS_SECRET).update(req.body).digest()
  const sent = Buffer.from(req.get('x-leads-signature') ?? '', 'hex')
  if (!timingSafeEqual(sent, expected)) return res.sendStatus(401)
  const lead = JSON.parse(req.body)
  await upsertLead(lead.id, lead.email)
  res.sendStatus(204)
})
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: '`compare_digest` takes texts of any length; only a missing one would make it raise, and that has a default.',
    code: `import hashlib
import hmac
import os

from flask import Flask, abort, request

from .leads import upsert_lead

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000
SECRET = os.environ["LEADS_SECRET"].encode()


@app.post("/hooks/leads")
def new_lead():
    expected = hmac.new(SECRET, request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Leads-Signature", "")):
        abort(401)
    lead = request.get_json()
    upsert_lead(lead["id"], lead["email"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    why: 'The exception is caught, and the request refused.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { upsertLead } from './leads.js'

const app = express()

function matches(sent, expected) {
  try {
    return timingSafeEqual(Buffer.from(sent, 'hex'), expected)
  } catch {
    return false
  }
}

app.post('/hooks/leads', express.raw({ type: '*/*' }), async (req, res) => {
  const expected = createHmac('sha256', process.env.LEADS_SECRET).update(req.body).digest()
  if (!matches(req.get('x-leads-signature') ?? '', expected)) return res.sendStatus(401)
  const lead = JSON.parse(req.body)
  await upsertLead(lead.id, lead.email)
  res.sendStatus(204)
})
`,
  },
  {
    language: 'javascript',
    why: 'Both sides are hashed once more, so they always have one length.',
    code: `import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { upsertLead } from './leads.js'

const app = express()
const hash = (text) => createHash('sha256').update(text).digest()

app.post('/hooks/leads', express.raw({ type: '*/*' }), async (req, res) => {
  const expected = createHmac('sha256', process.env.LEADS_SECRET).update(req.body).digest('hex')
  if (!timingSafeEqual(hash(req.get('x-leads-signature') ?? ''), hash(expected))) return res.sendStatus(401)
  const lead = JSON.parse(req.body)
  await upsertLead(lead.id, lead.email)
  res.sendStatus(204)
})
`,
  },
]
