import express from 'express'
import { createVerifier, memoryReplayStore } from 'postern/verify'
import { webhook } from 'postern/verify/express'
import { stripe } from 'postern/verify/providers/stripe'
import { orders } from './orders.ts'

const verifier = createVerifier({
  provider: stripe,
  secret: process.env['STRIPE_WEBHOOK_SECRET'],
  replay: memoryReplayStore(),
})

const app = express()
// Before express.json(), which would leave nothing to verify.
app.all(
  '/webhooks/stripe',
  webhook(verifier, (hook) => orders.apply(hook)),
)
app.use(express.json())

export const server = app.listen(Number(process.env['PORT'] ?? 3000))
