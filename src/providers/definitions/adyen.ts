import { defineProvider } from '../definition.ts'

export const adyen = defineProvider({
  id: 'adyen',
  name: 'Adyen',
  category: 'payments',
  docs: 'https://docs.adyen.com/development-resources/webhooks/verify-hmac-signatures/',
  schemes: [
    {
      family: 'hmac',
      name: 'payments-item',
      algorithm: 'sha256',
      key: { decode: 'hex' },
      each: '$.notificationItems[*].NotificationRequestItem',
      signature: { item: '$.additionalData.hmacSignature', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [
        {
          templates: [
            '{item:$.pspReference}:{item:$.originalReference}:{item:$.merchantAccountCode}:{item:$.merchantReference}:{item:$.amount.value}:{item:$.amount.currency}:{item:$.eventCode}:{item:$.success}',
          ],
        },
      ],
      weakness:
        'Eight fields of each item are signed; everything else in the body could be changed on its way. Values are joined by colons and may hold colons.',
    },
    {
      family: 'hmac',
      name: 'platform-header',
      algorithm: 'sha256',
      key: { decode: 'hex' },
      signature: { header: 'hmacsignature', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [{ templates: ['{body}'] }],
    },
    {
      family: 'basic',
      name: 'basic',
      usernameSetting: 'username',
      keyForm: 'The password of the webhook’s basic authentication; `user:password` while no user name is set here.',
      weakness: 'The password does not cover the body: who sees one request can make any other.',
    },
  ],
  keyForm: 'The HMAC key of the webhook: 64 hex digits, which are decoded.',
  settings: [
    {
      name: 'username',
      what: 'The user name of the webhook’s basic authentication.',
      example: 'hook-user',
      schemes: ['basic'],
    },
  ],
  setup: [
    'In the Customer Area open Developers, then Webhooks, and add a Standard webhook (payments) or the platform webhook you need.',
    'Give this integration’s public URL and choose JSON as the method.',
    'Under Security generate an HMAC key, copy it before saving and paste it here.',
    'For platform webhooks choose the scheme platform-header here.',
    'Send a test with Test configuration.',
  ],
  rotation:
    'Generate a new HMAC key at the webhook and add it here first, as a second key. Events already queued keep the old signature: leave the old key active for 30 days or until the queue is empty.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // A body is a batch: the first item names it, the signed fields of all identify it.
  event: {
    id: 'body:$.notificationItems[0].NotificationRequestItem.pspReference + body:$.notificationItems[0].NotificationRequestItem.eventCode + body:$.notificationItems[0].NotificationRequestItem.success | body:$.data.id',
    type: 'body:$.notificationItems[0].NotificationRequestItem.eventCode | body:$.type',
    tenant: 'body:$.notificationItems[0].NotificationRequestItem.merchantAccountCode | body:$.data.balancePlatform',
    subject: 'body:$.notificationItems[0].NotificationRequestItem.merchantReference | body:$.data.id',
    occurredAt: 'body:$.notificationItems[0].NotificationRequestItem.eventDate | body:$.data.creationDate',
    dedupe: 'content',
  },
  delivery: {
    success: '2xx; older set-ups want the body [accepted]',
    timeoutSeconds: 10,
    retries: 'from a queue, for up to 30 days',
  },
  answers: { accepted: { status: 200, contentType: 'text/plain', body: '[accepted]' } },
  pitfalls: [
    'One body may hold several items; every one must carry a right signature.',
    'The key is hex and is decoded before use.',
    'A field that is missing counts as empty; colons inside values are not escaped.',
    'Only eight fields are signed: add basic authentication in front, and look the payment up before acting on any other field.',
    'Test and live have different keys.',
  ],
  sample: {
    type: 'AUTHORISATION',
    contentType: 'application/json',
    body: '{"live":"false","notificationItems":[{"NotificationRequestItem":{"pspReference":"{{id}}","originalReference":"","merchantAccountCode":"PosternTest","merchantReference":"order-1","amount":{"currency":"EUR","value":1999},"eventCode":"{{type}}","success":"true","eventDate":"{{iso}}","paymentMethod":"visa","additionalData":{}}}]}',
  },
  vectors: {
    accepted: [
      {
        why: 'one item, a field left out',
        headers: [],
        body: '{"live":"false","notificationItems":[{"NotificationRequestItem":{"pspReference":"7914073381342284","merchantAccountCode":"TestMerchant","merchantReference":"order-1","amount":{"currency":"EUR","value":1130},"eventCode":"AUTHORISATION","success":"true","additionalData":{"hmacSignature":"7rLLUtA6kq5AR/hAhEfXw1p+6Ri5nyTb92vj/2nR+j8="}}}]}',
        key: '44444444444444444444444444444444abababababababababababababababab',
      },
      {
        why: 'two items; colons and UTF-8 in a value',
        headers: [],
        body: '{"live":"false","notificationItems":[{"NotificationRequestItem":{"pspReference":"7914073381342284","merchantAccountCode":"TestMerchant","merchantReference":"order-1","amount":{"currency":"EUR","value":1130},"eventCode":"AUTHORISATION","success":"true","additionalData":{"hmacSignature":"7rLLUtA6kq5AR/hAhEfXw1p+6Ri5nyTb92vj/2nR+j8="}}},{"NotificationRequestItem":{"pspReference":"2","merchantAccountCode":"TestMerchant","merchantReference":"Grüße:$&:1","amount":{"currency":"EUR","value":1130},"eventCode":"AUTHORISATION","success":"true","originalReference":"1","additionalData":{"hmacSignature":"4u/wzIKyEpWWCJqhkaOSmRyYaXf7sKw7w+ncvf9BOTI="}}}]}',
        key: '44444444444444444444444444444444abababababababababababababababab',
      },
      {
        why: 'platform: the exact bytes of the body',
        scheme: 'platform-header',
        headers: [['hmacsignature', 'WKB5Fz+mL62NH4MOCYoFccohUtyudzOkOF8Z+sLLX18=']],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: '44444444444444444444444444444444abababababababababababababababab',
      },
      {
        why: 'user and password; the password holds a colon and UTF-8',
        scheme: 'basic',
        headers: [['Authorization', 'Basic aG9vay11c2VyOnBAc3M6d8O2cmQtdGVzdA==']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'p@ss:wörd-test',
        settings: { username: 'hook-user' },
      },
    ],
    refused: [
      {
        why: 'an amount changed',
        headers: [],
        body: '{"live":"false","notificationItems":[{"NotificationRequestItem":{"pspReference":"7914073381342284","merchantAccountCode":"TestMerchant","merchantReference":"order-1","amount":{"currency":"EUR","value":9130},"eventCode":"AUTHORISATION","success":"true","additionalData":{"hmacSignature":"7rLLUtA6kq5AR/hAhEfXw1p+6Ri5nyTb92vj/2nR+j8="}}}]}',
        key: '44444444444444444444444444444444abababababababababababababababab',
      },
      {
        why: 'the second of two items changed',
        headers: [],
        body: '{"live":"false","notificationItems":[{"NotificationRequestItem":{"pspReference":"7914073381342284","merchantAccountCode":"TestMerchant","merchantReference":"order-1","amount":{"currency":"EUR","value":1130},"eventCode":"AUTHORISATION","success":"true","additionalData":{"hmacSignature":"7rLLUtA6kq5AR/hAhEfXw1p+6Ri5nyTb92vj/2nR+j8="}}},{"NotificationRequestItem":{"pspReference":"2","merchantAccountCode":"TestMerchant","merchantReference":"order-1","amount":{"currency":"EUR","value":1130},"eventCode":"AUTHORISATION","success":"false","additionalData":{"hmacSignature":"Q+L6Bc/Nny+pATmByWgj2kL6YPX7pmn0MpK56I52WOM="}}}]}',
        key: '44444444444444444444444444444444abababababababababababababababab',
      },
      {
        why: 'the second of two items without a signature',
        headers: [],
        body: '{"live":"false","notificationItems":[{"NotificationRequestItem":{"pspReference":"7914073381342284","merchantAccountCode":"TestMerchant","merchantReference":"order-1","amount":{"currency":"EUR","value":1130},"eventCode":"AUTHORISATION","success":"true","additionalData":{"hmacSignature":"7rLLUtA6kq5AR/hAhEfXw1p+6Ri5nyTb92vj/2nR+j8="}}},{"NotificationRequestItem":{"pspReference":"2","merchantAccountCode":"TestMerchant","merchantReference":"order-1","amount":{"currency":"EUR","value":1130},"eventCode":"AUTHORISATION","success":"true"}}]}',
        key: '44444444444444444444444444444444abababababababababababababababab',
      },
      {
        why: 'no signature',
        headers: [],
        body: '{"live":"false","notificationItems":[{"NotificationRequestItem":{"pspReference":"7914073381342284","merchantAccountCode":"TestMerchant","merchantReference":"order-1","amount":{"currency":"EUR","value":1130},"eventCode":"AUTHORISATION","success":"true","additionalData":{}}}]}',
        key: '44444444444444444444444444444444abababababababababababababababab',
      },
      {
        why: 'no items',
        headers: [],
        body: '{"live":"false","notificationItems":[]}',
        key: '44444444444444444444444444444444abababababababababababababababab',
      },
      {
        why: 'the key used as text',
        headers: [],
        body: '{"live":"false","notificationItems":[{"NotificationRequestItem":{"pspReference":"7914073381342284","merchantAccountCode":"TestMerchant","merchantReference":"order-1","amount":{"currency":"EUR","value":1130},"eventCode":"AUTHORISATION","success":"true","additionalData":{"hmacSignature":"RWlLmB3qcArL1oyxlTc3/uoTBGPOpxjHnq5O5SeW5mA="}}}]}',
        key: '44444444444444444444444444444444abababababababababababababababab',
      },
      {
        why: 'hex in place of base64',
        headers: [],
        body: '{"live":"false","notificationItems":[{"NotificationRequestItem":{"pspReference":"7914073381342284","merchantAccountCode":"TestMerchant","merchantReference":"order-1","amount":{"currency":"EUR","value":1130},"eventCode":"AUTHORISATION","success":"true","additionalData":{"hmacSignature":"eeb2cb52d03a92ae4047f8408447d7c35a7ee918b99f24dbf76be3ff69d1fa3f"}}}]}',
        key: '44444444444444444444444444444444abababababababababababababababab',
      },
      {
        why: 'platform: one byte of the body changed',
        scheme: 'platform-header',
        headers: [['hmacsignature', 'UURAUy5PqEvG+e1iFDAHEJDzhAg0jl4Q8VbaTDleIJg=']],
        body: '{"id":"evt_1","type":"order.paid","amount":9999}',
        key: '44444444444444444444444444444444abababababababababababababababab',
      },
      {
        why: 'platform: no signature',
        scheme: 'platform-header',
        headers: [],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: '44444444444444444444444444444444abababababababababababababababab',
      },
      {
        why: 'another password',
        scheme: 'basic',
        headers: [['Authorization', 'Basic aG9vay11c2VyOndyb25n']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'p@ss:wörd-test',
        settings: { username: 'hook-user' },
      },
      {
        why: 'another user',
        scheme: 'basic',
        headers: [['Authorization', 'Basic aG9vay11c2VyMjpwQHNzOnfDtnJkLXRlc3Q=']],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'p@ss:wörd-test',
        settings: { username: 'hook-user' },
      },
      {
        why: 'no credentials',
        scheme: 'basic',
        headers: [],
        body: '{"id":"evt_1","type":"order.paid","amount":1999}',
        key: 'p@ss:wörd-test',
        settings: { username: 'hook-user' },
      },
    ],
  },
})
