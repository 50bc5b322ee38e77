import { fastify } from 'fastify'
import { createVerifier, memoryReplayStore } from 'postern/verify'
import { webhook } from 'postern/verify/fastify'
import { shopify } from 'postern/verify/providers/shopify'
import { orders } from './orders.ts'

const verifier = createVerifier({
  provider: shopify,
  secret: process.env['SHOPIFY_CLIENT_SECRET'],
  replay: memoryReplayStore(),
})

const app = fastify()
app.register(webhook(verifier, (hook) => orders.apply(hook), { url: '/webhooks/shopify' }))

await app.listen({ port: Number(process.env['PORT'] ?? 3000) })
export const { server } = app
