import { createVerifier, memoryReplayStore, type WebhookRequest } from 'postern/verify'
import { stripe } from 'postern/verify/providers/stripe'
import { orders } from './orders.ts'

const verifier = createVerifier({
  provider: stripe,
  // While a secret is rolled there are two; either may match, and `keyId` says which did.
  secret: [process.env['STRIPE_WEBHOOK_SECRET']],
  replay: memoryReplayStore({ ttlSeconds: 3 * 24 * 3600 }),
})

/** For a framework without an adapter: hand over the bytes as received, and do what the result says. */
export async function receive(request: WebhookRequest): Promise<{ status: number; body: string }> {
  const result = await verifier.verify(request)
  switch (result.kind) {
    case 'greeting':
      return { status: result.status, body: result.body }
    case 'refused':
      console.warn('webhook refused', result.reason)
      return { status: result.status, body: '' }
    case 'duplicate':
      return { status: 200, body: '' }
    case 'event':
      try {
        await orders.apply(result)
      } catch (error) {
        await result.release() // else the provider's retry would be taken for a copy
        throw error
      }
      await result.confirm()
      return { status: 200, body: '' }
  }
}
