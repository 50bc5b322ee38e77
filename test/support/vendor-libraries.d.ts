/** Libraries that ship no types: what the oracle tests use of them, and no more. */

declare module 'sns-validator' {
  export default class MessageValidator {
    validate(message: string, done: (error: Error | null) => void): void
  }
}

declare module 'braintree' {
  class BraintreeGateway {
    constructor(config: { environment: unknown; merchantId: string; publicKey: string; privateKey: string })
    webhookTesting: { sampleNotification(kind: string, id: string): { bt_signature: string; bt_payload: string } }
    webhookNotification: {
      parse(signature: string, payload: string): Promise<{ kind: string }>
      verify(challenge: string): string
    }
  }
  const braintree: { BraintreeGateway: typeof BraintreeGateway; Environment: { Sandbox: unknown } }
  export default braintree
}

declare module 'coinbase-commerce-node' {
  const library: {
    Webhook: {
      verifySigHeader(payload: string, signature: string, secret: string): true
      computeSignature(payload: string, secret: string): string
    }
  }
  export default library
}

declare module 'messagebird/lib/webhook-signature-jwt.js' {
  import type { KeyObject } from 'node:crypto'
  const library: { verify(url: string, payload: Buffer, token: string, key: KeyObject): Promise<boolean> }
  export default library
}

declare module 'x-hub-signature' {
  export default class XHubSignature {
    constructor(algorithm: string, secret: string)
    sign(body: string): string
    verify(signature: string, body: string): boolean
  }
}
