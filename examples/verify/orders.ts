/** Stands for your own code: what a webhook is for. */
import type { Webhook } from 'postern/verify'

export const orders = {
  /** Throws when it cannot be done now; the provider then sends the webhook again. */
  async apply({ event, payload }: Webhook): Promise<void> {
    console.log(`${event.provider} ${event.type} ${event.id}`, payload)
  },
}
