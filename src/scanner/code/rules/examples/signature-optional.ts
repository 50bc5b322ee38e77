import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'if signature:',
    says: 'Without the header x-deploy-signature nothing is verified and set_release runs.',
    code: `import hashlib
import hmac
import os

from fastapi import FastAPI, Header, HTTPException, Request

from .deploys import set_release

app = FastAPI()
SECRET = os.environ["DEPLOY_SECRET"].encode()


@app.post("/hooks/deploy")
async def deployed(request: Request, signature: str | None = Header(None, alias="X-Deploy-Signature")):
    if int(request.headers["content-length"]) > 65_536:
        raise HTTPException(413)
    body = await request.body()
    if signature:
        expected = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, signature):
            raise HTTPException(401)
    release = await request.json()
    await set_release(release["app"], release["version"])
    return {"ok": True}
`,
  },
  {
    language: 'javascript',
    at: 'if (sent && !',
    says: 'Without the header x-billing-signature nothing is verified and setSubscription runs.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setSubscription } from './billing.js'

const app = express()

function matches(body, sent) {
  const expected = createHmac('sha256', process.env.BILLING_SECRET).update(body).digest('hex')
  return sent.length === expected.length && timingSafeEqual(Buffer.from(sent), Buffer.from(expected))
}

app.post('/webhooks/billing', express.raw({ type: '*/*' }), async (req, res) => {
  const sent = req.get('x-billing-signature')
  if (sent && !matches(req.body, sent)) return res.sendStatus(401)
  const event = JSON.parse(req.body)
  await setSubscription(event.account, event.plan)
  res.sendStatus(204)
})
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'The header may be absent, and then the request is refused.',
    code: `import hashlib
import hmac
import os

from fastapi import FastAPI, Header, HTTPException, Request

from .deploys import set_release

app = FastAPI()
SECRET = os.environ["DEPLOY_SECRET"].encode()


@app.post("/hooks/deploy")
async def deployed(request: Request, signature: str | None = Header(None, alias="X-Deploy-Signature")):
    if int(request.headers["content-length"]) > 65_536:
        raise HTTPException(413)
    if not signature:
        raise HTTPException(401, "unsigned")
    expected = hmac.new(SECRET, await request.body(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signature):
        raise HTTPException(401, "badly signed")
    release = await request.json()
    await set_release(release["app"], release["version"])
    return {"ok": True}
`,
  },
  {
    language: 'javascript',
    why: 'Without the header only the provider’s challenge is answered, and that changes nothing.',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'
import express from 'express'
import { setSubscription } from './billing.js'

const app = express()

function matches(body, sent) {
  const expected = createHmac('sha256', process.env.BILLING_SECRET).update(body).digest('hex')
  return sent.length === expected.length && timingSafeEqual(Buffer.from(sent), Buffer.from(expected))
}

app.get('/webhooks/billing', (req, res) => {
  res.type('text/plain').send(String(req.query.challenge))
})

app.post('/webhooks/billing', express.raw({ type: '*/*' }), async (req, res) => {
  const sent = req.get('x-billing-signature')
  if (!sent || !matches(req.body, sent)) return res.sendStatus(401)
  const event = JSON.parse(req.body)
  await setSubscription(event.account, event.plan)
  res.sendStatus(204)
})
`,
  },
]
