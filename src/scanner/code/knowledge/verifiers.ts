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
  /** What it gives back are the bytes it has verified. */
  readonly givesRaw?: true
}

export const KNOWN_VERIFIERS: readonly KnownVerifier[] = [
  // SDKs whose method refuses by raising, where another of the same name answers.
  {
    calls: ['utility.verify_webhook_signature', 'Utility.verify_webhook_signature', 'utility.verifyWebhookSignature'],
    provider: 'razorpay',
    body: 0,
    refuses: 'throws',
    secretArg: 2,
  },
  { calls: ['Events.Request().verify'], provider: 'slack', body: 'none', refuses: 'throws', toleranceSeconds: 300 },
  {
    calls: [
      'webhook_notification.parse',
      'webhookNotification().parse',
      'webhookNotification.parse',
      'WebhookNotification.parse',
    ],
    provider: 'braintree',
    body: 'none',
    refuses: 'throws',
    takesFields: true,
  },
  {
    calls: ['WebhookSignature.verifyHeader'],
    provider: 'stripe',
    body: 0,
    refuses: 'throws',
    toleranceSeconds: 300,
    secretArg: 2,
  },
  { calls: ['Webhooks.Registry.process'], provider: 'shopify', body: 'none', refuses: 'throws' },
  { calls: ['Webhook.buildEvent'], provider: 'coinbase', body: 0, refuses: 'throws', secretArg: 2 },
  {
    calls: ['SignatureValidator.validateSignature', 'validate_signature'],
    provider: 'line',
    body: 0,
    refuses: 'returns',
  },
  {
    calls: ['EventRequestParser.parseEventRequest', 'WebhookParser().parse'],
    provider: 'line',
    body: 0,
    refuses: 'throws',
  },
  {
    calls: ['isValidNotificationHMAC', 'valid_webhook_hmac'],
    provider: 'adyen',
    body: 'none',
    refuses: 'returns',
    takesFields: true,
  },
  { calls: ['Verifier().verify'], provider: 'paddle', body: 'none', refuses: 'returns', toleranceSeconds: 5 },
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
  // What receivers made by an SDK do with each request, under the names that their discovery gives it.
  { calls: ['github.verifyDelivery'], provider: 'github', body: 0, refuses: 'throws', secretArg: 2 },
  { calls: ['webhook-handler.verifyDelivery'], provider: 'webhook-handler', body: 0, refuses: 'throws', secretArg: 2 },
  {
    calls: ['slack.verifyDelivery'],
    provider: 'slack',
    body: 0,
    refuses: 'throws',
    toleranceSeconds: 300,
    secretArg: 2,
  },
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
  // Java
  {
    calls: [
      'AlipaySignature.rsaCheckV1',
      'AlipaySignature.rsaCheckV2',
      'AlipaySignature.rsaCertCheckV1',
      'WXPayUtil.isSignatureValid',
    ],
    provider: 'alipay',
    body: 'none',
    refuses: 'returns',
    takesFields: true,
  },
  { calls: ['NotificationParser().parse'], provider: 'wechat-pay', body: 'none', refuses: 'throws' },
  { calls: ['Utils.verifyWebhookSignature'], provider: 'razorpay', body: 0, refuses: 'returns' },
  // Go
  {
    calls: [
      'webhook.ConstructEvent',
      'webhook.ConstructEventWithOptions',
      'webhook.ConstructEventWithTolerance',
      'webhook.ValidatePayload',
      'webhook.ValidatePayloadWithTolerance',
      'Client().ConstructEvent',
    ],
    provider: 'stripe',
    body: 0,
    refuses: 'throws',
    toleranceSeconds: 300,
    secretArg: 2,
  },
  {
    calls: ['webhook.ConstructEventIgnoringTolerance', 'webhook.ValidatePayloadIgnoringTolerance'],
    provider: 'stripe',
    body: 0,
    refuses: 'throws',
    secretArg: 2,
  },
  {
    calls: ['github.ValidatePayload', 'github.ValidatePayloadFromBody', 'go-github.ValidatePayload'],
    provider: 'github',
    body: 'none',
    refuses: 'throws',
    givesRaw: true,
    secretArg: 1,
  },
  {
    calls: ['github', 'gitlab', 'bitbucket', 'bitbucket-server', 'gitea', 'gogs', 'azuredevops'].map(
      (host) => `${host}.New().Parse`,
    ),
    provider: 'github',
    body: 'none',
    refuses: 'throws',
  },
  { calls: ['sansio.Event.from_http'], provider: 'github', body: 1, refuses: 'throws' },
  { calls: ['github.ValidateSignature'], provider: 'github', body: 1, refuses: 'throws', secretArg: 2 },
  {
    calls: ['NewWebhook().Verify', 'NewWebhookRaw().Verify', 'svix.Webhook().Verify', 'Webhook().Verify'],
    provider: 'standard-webhooks',
    body: 0,
    refuses: 'throws',
    toleranceSeconds: 300,
  },
  {
    calls: ['NewWebhook().VerifyIgnoringTimestamp', 'Webhook().VerifyIgnoringTimestamp'],
    provider: 'standard-webhooks',
    body: 0,
    refuses: 'throws',
  },
  {
    calls: ['NewSecretsVerifier().Ensure', 'SecretsVerifier().Ensure'],
    provider: 'slack',
    body: 'none',
    refuses: 'throws',
    toleranceSeconds: 300,
  },
  {
    calls: [
      'NewRequestValidator().Validate',
      'NewRequestValidator().ValidateBody',
      'RequestValidator().Validate',
      'RequestValidator().ValidateBody',
      'eventwebhook.VerifySignature',
      'app.VerifyWebhookRequest',
      'App().VerifyWebhookRequest',
      'discordgo.VerifyInteraction',
    ],
    provider: 'twilio',
    body: 'none',
    refuses: 'returns',
    takesFields: true,
  },
  {
    calls: ['linebot.ParseRequest', 'bot.ParseRequest', 'webhook.ParseRequest', 'Client().ParseRequest'],
    provider: 'line',
    body: 'none',
    refuses: 'throws',
  },
  {
    calls: ['Client().VerifyWebhookSignature', 'paypal.VerifyWebhookSignature'],
    provider: 'paypal',
    body: 'none',
    refuses: 'throws',
    takesFields: true,
  },
  { calls: ['intuit.verifyWebhook', 'verifyWebhookMessage'], provider: 'unknown', body: 0, refuses: 'returns' },
]

/** The exact end of the name counts, from a dot on; of several the first in the table. Asked about every call there is. */
export function knownVerifier(path: string): KnownVerifier | undefined {
  let first = PLACES.get(path)
  for (let at = 0; at < path.length; at++) {
    if (path[at] !== '.' && path[at] !== '/') continue
    const place = PLACES.get(path.slice(at + 1))
    if (place !== undefined && (first === undefined || place < first)) first = place
  }
  return first === undefined ? undefined : KNOWN_VERIFIERS[first]
}

/** Where in the table a name stands; the last one set is the first in the table. */
const PLACES: ReadonlyMap<string, number> = new Map(
  KNOWN_VERIFIERS.flatMap(({ calls }, place) => calls.map((call) => [call, place] as const)).toReversed(),
)

/** Made with its key first: `WebhookHandler(secret)`, which later verifies. */
export function isVerifierClass(path: string): boolean {
  const name = path.split(/[./]/).at(-1) ?? ''
  return /^(?:Webhook|Signature|Request)\w*(?:Handler|Parser|Validator|Verifier)$/.test(name)
}

/**
 * Middleware and guards of `postern/verify`, by the name that their call resolves to: they verify the raw bytes within the
 * scheme's window and let through one copy.
 */
export const POSTERN_GUARD = /^postern\/verify\/(?:express\.verified|nestjs\.webhookGuard)(?:\(\))?$/

/** Middleware and wrappers of SDKs that verify by themselves. */
export const VERIFYING_WRAPPERS =
  /verifySignatureAppRouter|verifySignatureEdge|verifyKeyMiddleware|(?:^|\.)twilio\.webhook$|webhooks\.createNodeMiddleware|createNodeMiddleware|line\.middleware$|bot-sdk\.middleware$|(?:^|\.)validateExpressRequest|createMessageAdapter|createEventAdapter|ExpressReceiver|SlackRequestHandler|lineMiddleware|svixMiddleware|standardWebhooks|webhookVerif|verifyWebhook|verifySignature|validateSignature|checkSignature|signatureGuard|WebhookGuard|HmacGuard|validate_twilio_request|verify_webhook|require_?signature|signature_required|webhook_signature/i

/** Asking the provider itself for the event or payment that a delivery names. */
export const REFETCHES =
  /(?:stripe|mollie|paypal|adyen|braintree|gocardless|coinbase|razorpay|paystack|flutterwave|mercado_?pago|pagarme|xendit|midtrans|klarna|iyzico|authorizenet)[\w.()]*\.(?:verify_?(?:transaction|payment)|(?:retrieve|get|fetch|find|show)(?:_?(?:payment(?:_?intent)?|order|charge|transaction|session|invoice|event)s?)?|status|transaction\(\)\.verify|requery)$/i
