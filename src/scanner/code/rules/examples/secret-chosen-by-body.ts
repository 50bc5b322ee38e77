import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'hmac.new(integration.secret',
    says: 'The secret is looked up by a field of the body, before the body is verified.',
    code: `import hashlib
import hmac

from flask import Flask, abort, request

from .bookings import set_booking_state
from .models import Integration

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000


@app.post("/hooks/bookings")
def booking_changed():
    event = request.get_json()
    integration = Integration.query.filter_by(account=event["account"]).first_or_404()
    expected = hmac.new(integration.secret.encode(), request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
        abort(401)
    set_booking_state(event["booking"], event["state"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    at: "createHmac('sha256', integration.secret)",
    says: 'The secret is looked up by a field of the body, before the body is verified.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setBookingState } from './bookings.js'
import { prisma } from './prisma.js'

const app = express()
app.use(express.json({ verify: (req, _res, bytes) => { req.rawBody = bytes } }))

app.post('/hooks/bookings', async (req, res) => {
  const integration = await prisma.integration.findUnique({ where: { account: req.body.account } })
  if (!integration) return res.sendStatus(404)
  const expected = createHmac('sha256', integration.secret).update(req.rawBody).digest()
  const sent = Buffer.from(req.get('x-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  await setBookingState(req.body.booking, req.body.state)
  res.sendStatus(204)
})
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'The address chooses the secret: each integration has its own path.',
    code: `import hashlib
import hmac

from flask import Flask, abort, request

from .bookings import set_booking_state
from .models import Integration

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 100_000


@app.post("/hooks/bookings/<integration_id>")
def booking_changed(integration_id):
    integration = Integration.query.get_or_404(integration_id)
    expected = hmac.new(integration.secret.encode(), request.get_data(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
        abort(401)
    event = request.get_json()
    set_booking_state(event["booking"], event["state"])
    return "", 204
`,
  },
  {
    language: 'javascript',
    why: 'The path chooses the secret; the account in the body is compared with it afterwards.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setBookingState } from './bookings.js'
import { prisma } from './prisma.js'

const app = express()
app.use(express.json({ verify: (req, _res, bytes) => { req.rawBody = bytes } }))

app.post('/hooks/bookings/:integration', async (req, res) => {
  const integration = await prisma.integration.findUnique({ where: { id: req.params.integration } })
  if (!integration) return res.sendStatus(404)
  const expected = createHmac('sha256', integration.secret).update(req.rawBody).digest()
  const sent = Buffer.from(req.get('x-signature') ?? '', 'hex')
  if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return res.sendStatus(401)
  if (req.body.account !== integration.account) return res.sendStatus(403)
  await setBookingState(req.body.booking, req.body.state)
  res.sendStatus(204)
})
`,
  },
]
