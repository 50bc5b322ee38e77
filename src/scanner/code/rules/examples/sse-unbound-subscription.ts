import type { BadExample, GoodExample } from '../rule.ts'

export const bad: readonly [BadExample, ...BadExample[]] = [
  {
    language: 'python',
    at: 'async for event in subscribe(',
    says: 'The request names the subject of the stream and nothing compares it with the caller.',
    code: `import json

from fastapi import Depends, FastAPI
from fastapi.responses import StreamingResponse

from .auth import current_user
from .events import subscribe

app = FastAPI()


@app.get("/users/{user_id}/events")
async def events(user_id: int, user=Depends(current_user)):
    async def stream():
        async for event in subscribe(f"user:{user_id}"):
            yield f"data: {json.dumps(event)}\\n\\n"

    return StreamingResponse(stream(), media_type="text/event-stream")
`,
  },
  {
    language: 'javascript',
    at: 'subscribe(`order:',
    says: 'The request names the subject of the stream and nothing compares it with the caller.',
    code: `import express from 'express'
import { requireUser } from './auth.js'
import { subscribe } from './events.js'

const app = express()

app.get('/orders/:id/events', requireUser, (req, res) => {
  res.set('content-type', 'text/event-stream')
  const stop = subscribe(\`order:\${req.params.id}\`, (event) => {
    res.write(\`data: \${JSON.stringify(event)}\\n\\n\`)
  })
  req.on('close', stop)
})

app.listen(3000)
`,
  },
]

export const good: readonly [GoodExample, ...GoodExample[]] = [
  {
    language: 'python',
    why: 'The subject is the caller himself.',
    code: `import json

from fastapi import Depends, FastAPI
from fastapi.responses import StreamingResponse

from .auth import current_user
from .events import subscribe

app = FastAPI()


@app.get("/events")
async def events(user=Depends(current_user)):
    async def stream():
        async for event in subscribe(f"user:{user.id}"):
            yield f"data: {json.dumps(event)}\\n\\n"

    return StreamingResponse(stream(), media_type="text/event-stream")
`,
  },
  {
    language: 'javascript',
    why: 'The request names the order, and it is looked up among the caller’s own first.',
    code: `import express from 'express'
import { requireUser } from './auth.js'
import { subscribe } from './events.js'
import { prisma } from './prisma.js'

const app = express()

app.get('/orders/:id/events', requireUser, async (req, res) => {
  const order = await prisma.order.findFirst({ where: { id: req.params.id, customerId: req.user.id } })
  if (!order) return res.sendStatus(404)
  res.set('content-type', 'text/event-stream')
  const stop = subscribe(\`order:\${order.id}\`, (event) => {
    res.write(\`data: \${JSON.stringify(event)}\\n\\n\`)
  })
  req.on('close', stop)
})

app.listen(3000)
`,
  },
]
