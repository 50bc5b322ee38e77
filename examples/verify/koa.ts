import Koa from 'koa'
import { createVerifier, memoryReplayStore } from 'postern/verify'
import { webhook } from 'postern/verify/koa'
import { slack } from 'postern/verify/providers/slack'
import { orders } from './orders.ts'

const verifier = createVerifier({
  provider: slack,
  secret: process.env['SLACK_SIGNING_SECRET'],
  replay: memoryReplayStore(),
})
// Slack's url_verification is answered by it too.
const receive = webhook(verifier, (hook) => orders.apply(hook))

const app = new Koa()
app.use((context, next) => (context.path === '/webhooks/slack' ? receive(context) : next()))

export const server = app.listen(Number(process.env['PORT'] ?? 3000))
