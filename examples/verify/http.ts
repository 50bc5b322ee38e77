import { createServer } from 'node:http'
import { createVerifier, memoryReplayStore } from 'postern/verify'
import { webhook } from 'postern/verify/http'
import { github } from 'postern/verify/providers/github'
import { orders } from './orders.ts'

const verifier = createVerifier({
  provider: github,
  secret: process.env['GITHUB_WEBHOOK_SECRET'],
  replay: memoryReplayStore(),
})
const receive = webhook(verifier, (hook) => orders.apply(hook))

export const server = createServer((request, response) => {
  if (request.url?.split('?', 1)[0] === '/webhooks/github') return receive(request, response)
  response.writeHead(404).end()
})
server.listen(Number(process.env['PORT'] ?? 3000))
