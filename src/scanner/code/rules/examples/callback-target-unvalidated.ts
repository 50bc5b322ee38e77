import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'db.add(Webhook(',
    says: 'An address that a user chose is stored or called without looking where it leads.',
    code: `from fastapi import Depends, FastAPI
from pydantic import BaseModel

from .auth import current_user
from .db import db
from .models import Webhook

app = FastAPI()


class NewWebhook(BaseModel):
    url: str
    events: list[str]


@app.post("/webhooks", status_code=201)
async def register(new: NewWebhook, user=Depends(current_user)):
    db.add(Webhook(owner_id=user.id, url=new.url, events=new.events))
    await db.commit()
    return {"ok": True}
`,
  },
  {
    language: 'javascript',
    at: 'await prisma.webhook.create(',
    says: 'An address that a user chose is stored or called without looking where it leads.',
    code: `import express from 'express'
import { requireUser } from './auth.js'
import { prisma } from './prisma.js'

const app = express()
app.use(express.json())

app.post('/webhooks', requireUser, async (req, res) => {
  const { url, events } = req.body
  // The scheme says nothing of where it leads.
  if (!url.startsWith('https://')) return res.status(422).json({ error: 'https only' })
  const webhook = await prisma.webhook.create({ data: { url, events, ownerId: req.user.id } })
  res.status(201).json({ id: webhook.id })
})
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'The name is resolved, and private addresses are refused before it is stored.',
    code: `import ipaddress
import socket
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel

from .auth import current_user
from .db import db
from .models import Webhook

app = FastAPI()


class NewWebhook(BaseModel):
    url: str


@app.post("/webhooks", status_code=201)
async def register(new: NewWebhook, user=Depends(current_user)):
    for *_, address in socket.getaddrinfo(urlsplit(new.url).hostname, 443):
        if not ipaddress.ip_address(address[0]).is_global:
            raise HTTPException(422, "this address is not allowed")
    db.add(Webhook(owner_id=user.id, url=new.url))
    await db.commit()
    return {"ok": True}
`,
  },
  {
    language: 'javascript',
    why: 'Only hosts on a list can be registered.',
    code: `import express from 'express'
import { requireUser } from './auth.js'
import { prisma } from './prisma.js'

const app = express()
app.use(express.json())
const HOSTS = new Set(['hooks.slack.com', 'discord.com'])

app.post('/webhooks', requireUser, async (req, res) => {
  const { url } = req.body
  if (!HOSTS.has(new URL(url).hostname)) return res.status(422).json({ error: 'host not allowed' })
  const webhook = await prisma.webhook.create({ data: { url, ownerId: req.user.id } })
  res.status(201).json({ id: webhook.id })
})
`,
  },
]
