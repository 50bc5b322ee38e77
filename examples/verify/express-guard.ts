import express from 'express'
import { createVerifier, memoryReplayStore } from 'postern/verify'
import { verified, webhookOf } from 'postern/verify/express'
import { paddle } from 'postern/verify/providers/paddle'
import { orders } from './orders.ts'

const verifier = createVerifier({
  provider: paddle,
  secret: process.env['PADDLE_WEBHOOK_SECRET'],
  replay: memoryReplayStore(),
})

const app = express()
app.post('/webhooks/paddle', verified(verifier), async (request, response) => {
  await orders.apply(webhookOf(request))
  response.status(200).end()
})
// The sender learns that it failed, and nothing else; Express's own page would show the stack.
app.use(((_error, _request, response, _next) => {
  response.sendStatus(500)
}) satisfies express.ErrorRequestHandler)

export const server = app.listen(Number(process.env['PORT'] ?? 3000))
