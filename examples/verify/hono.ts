import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { createVerifier, memoryReplayStore } from 'postern/verify'
import { webhook } from 'postern/verify/hono'
import { standardWebhooks } from 'postern/verify/providers/standard-webhooks'
import { orders } from './orders.ts'

const verifier = createVerifier({
  provider: standardWebhooks,
  secret: process.env['WEBHOOK_SECRET'],
  replay: memoryReplayStore(),
})

const app = new Hono()
app.all(
  '/webhooks/standard',
  webhook(verifier, (hook) => orders.apply(hook)),
)

export const server = serve({ fetch: app.fetch, port: Number(process.env['PORT'] ?? 3000) })
