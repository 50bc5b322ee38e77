/**
 * Verifiers that providers and standards ship: what they are called, what they need, and what they already check.
 * Matched against the end of the called name; `body` is the argument that must be the exact bytes.
 */
export interface KnownVerifier {
  readonly calls: readonly string[]
  readonly provider: string
  /** Position of the body; `none` when it takes the request, or signs something else than the body. */
  readonly body: number | 'none'
  /** `throws`: refuses by exception. `returns`: the caller must look at the result. */
  readonly refuses: 'throws' | 'returns'
  /** Seconds within which the verifier itself accepts a timestamp. */
  readonly toleranceSeconds?: number
  /** The verifier is given parsed fields on purpose. */
  readonly takesFields?: boolean
  readonly secretArg?: number
}

export const KNOWN_VERIFIERS: readonly KnownVerifier[] = [
  {
    calls: [
      'webhooks.constructEvent',
      'webhooks.constructEventAsync',
      'Webhook.construct_event',
      'WebhookSignature.verify_header',
      'parseThinEvent',
      'parse_thin_event',
      'parseEventNotification',
      'parse_event_notification',
      'construct_event',
      'constructEvent',
      'constructEventAsync',
    ],
    provider: 'stripe',
    body: 0,
    refuses: 'throws',
    toleranceSeconds: 300,
    secretArg: 2,
  },
  {
    calls: ['Webhook().verify', 'Webhook.verify'],
    provider: 'standard-webhooks',
    body: 0,
    refuses: 'throws',
    toleranceSeconds: 300,
  },
  { calls: ['verifyAndReceive'], provider: 'github', body: 'none', refuses: 'throws' },
  {
    calls: ['Webhooks().verify', 'webhooks.verify', 'webhooks-methods.verify', '@octokit/webhooks-methods.verify'],
    provider: 'github',
    body: 0,
    refuses: 'returns',
  },
  {
    calls: [
      'RequestValidator().validate',
      'validateRequest',
      'twilio.validateRequest',
      'validateRequestWithBody',
      'validateExpressRequest',
      'validateIncomingRequest',
    ],
    provider: 'twilio',
    body: 'none',
    refuses: 'returns',
    takesFields: true,
  },
  {
    calls: ['SignatureVerifier().is_valid_request', 'SignatureVerifier().is_valid', 'is_valid_request'],
    provider: 'slack',
    body: 0,
    refuses: 'returns',
    toleranceSeconds: 300,
  },
  {
    calls: ['verifySlackRequest', 'isValidSlackRequest'],
    provider: 'slack',
    body: 'none',
    refuses: 'throws',
    toleranceSeconds: 300,
  },
  {
    calls: ['authenticate.webhook', 'webhooks.validate', 'webhooks.process'],
    provider: 'shopify',
    body: 'none',
    refuses: 'throws',
  },
  {
    calls: [
      'WebhooksHelper.verifySignature',
      'is_valid_webhook_event_signature',
      'WebhooksHelper.isValidWebhookEventSignature',
      'verify_signature.square',
    ],
    provider: 'square',
    body: 0,
    refuses: 'returns',
    takesFields: true,
  },
  {
    calls: ['EventWebhook().verifySignature', 'EventWebhook().verify_signature', 'eventWebhook.verifySignature'],
    provider: 'sendgrid',
    body: 1,
    refuses: 'returns',
  },
  {
    calls: ['verifyWebhook', 'clerk.verifyWebhook', 'webhooks.verifyWebhook'],
    provider: 'clerk',
    body: 'none',
    refuses: 'throws',
    toleranceSeconds: 300,
  },
  {
    calls: [
      'verifyWebhookSignature',
      'WebhookEvent.verify',
      'notifications.WebhookEvent.verify',
      'webhookEvent.verify',
      'verify_webhook_signature',
    ],
    provider: 'paypal',
    body: 'none',
    refuses: 'returns',
    takesFields: true,
  },
  {
    calls: ['validateWebhookSignature', 'utility.verify_webhook_signature', 'Razorpay.validateWebhookSignature'],
    provider: 'razorpay',
    body: 0,
    refuses: 'returns',
  },
  {
    calls: ['webhooks.unmarshal', 'Paddle().webhooks.unmarshal'],
    provider: 'paddle',
    body: 0,
    refuses: 'throws',
    toleranceSeconds: 5,
  },
  {
    calls: ['webhooks.unwrap', 'webhooks.verifySignature', 'OpenAI().webhooks.unwrap'],
    provider: 'standard-webhooks',
    body: 0,
    refuses: 'throws',
    toleranceSeconds: 300,
  },
  {
    calls: ['verifyKey', 'verifyKeyMiddleware', 'discord-interactions.verifyKey', 'verify_key'],
    provider: 'discord',
    body: 0,
    refuses: 'returns',
  },
  {
    calls: [
      'hmacValidator.validateHMAC',
      'HmacValidator().validateHMAC',
      'is_valid_hmac',
      'validateHMAC',
      'is_valid_hmac_notification',
      'validateBankingHMAC',
    ],
    provider: 'adyen',
    body: 'none',
    refuses: 'returns',
    takesFields: true,
  },
  {
    calls: ['Receiver().verify', 'verifySignatureAppRouter', 'verifySignature.qstash'],
    provider: 'qstash',
    body: 'none',
    refuses: 'throws',
  },
  {
    calls: ['MessageValidator().validate', 'sns-validator.validate', 'SNSMessageValidator().validate'],
    provider: 'sns',
    body: 0,
    refuses: 'throws',
    takesFields: true,
  },
  {
    calls: [
      'webhook_endpoint.verify',
      'Webhook().verifySignature',
      'Webhook.verifyEventBody',
      'Webhook.verifySigHeader',
      'coinbase.Webhook.verifyEventBody',
    ],
    provider: 'coinbase',
    body: 0,
    refuses: 'throws',
  },
  {
    calls: ['postern/verify.verifyRequest', 'postern/verify.verify', 'postern.verifyRequest', 'verify.verifyRequest'],
    provider: 'postern',
    body: 'none',
    refuses: 'throws',
    toleranceSeconds: 300,
  },
  {
    calls: [
      'line.validateSignature',
      'bot-sdk.validateSignature',
      'WebhookParser().parse',
      'WebhookHandler().handle',
      'SignatureValidator().validate',
    ],
    provider: 'line',
    body: 0,
    refuses: 'throws',
  },
  { calls: ['intuit.verifyWebhook', 'verifyWebhookMessage'], provider: 'unknown', body: 0, refuses: 'returns' },
]

/** The exact end of the name counts, from a dot on. */
export function knownVerifier(path: string): KnownVerifier | undefined {
  return KNOWN_VERIFIERS.find(({ calls }) => calls.some((call) => path === call || path.endsWith(`.${call}`)))
}

/** Middleware and wrappers of SDKs that verify by themselves. */
export const VERIFYING_WRAPPERS =
  /verifySignatureAppRouter|verifySignatureEdge|verifyKeyMiddleware|(?:^|\.)twilio\.webhook$|webhooks\.createNodeMiddleware|createNodeMiddleware|line\.middleware$|bot-sdk\.middleware$|(?:^|\.)validateExpressRequest|createMessageAdapter|createEventAdapter|ExpressReceiver|SlackRequestHandler|lineMiddleware|svixMiddleware|standardWebhooks|webhookVerif|verifyWebhook|verifySignature|validateSignature|checkSignature|signatureGuard|WebhookGuard|HmacGuard|validate_twilio_request|verify_webhook|require_?signature|signature_required|webhook_signature/i
