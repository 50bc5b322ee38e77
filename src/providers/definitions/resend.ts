import { defineProvider } from '../definition.ts'
import { standardWebhooksScheme } from '../shapes.ts'

export const resend = defineProvider({
  id: 'resend',
  name: 'Resend',
  category: 'email',
  docs: 'https://resend.com/docs/dashboard/webhooks/verify-webhooks-requests',
  schemes: [standardWebhooksScheme({ brand: 'svix' })],
  keyForm: 'The signing secret of the webhook, `whsec_` and base64.',
  setup: [
    'Open Webhooks in the Resend dashboard, add a webhook with the receive URL and choose its events.',
    'Copy the signing secret from the page of the webhook.',
    'Send an email to delivered@resend.dev and look for the event here.',
  ],
  rotation:
    'Add the new secret here beside the old one before the old one ends at Resend. While both sign, a request carries several signatures and any of them may match.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  // The id header is inside the signed bytes and stays the same over retries.
  event: {
    id: 'signed:id',
    type: 'body:$.type',
    subject: 'body:$.data.email_id',
    occurredAt: 'body:$.created_at',
  },
  delivery: { success: '2xx', retries: 'with growing pauses, made by Svix' },
  pitfalls: [
    'Resend sends through Svix: the headers are named svix-*.',
    'The key is the base64 after whsec_, decoded; the text itself gives another signature.',
  ],
  sample: {
    type: 'email.delivered',
    idPrefix: 'msg_',
    contentType: 'application/json',
    body: '{"type":"{{type}}","created_at":"{{iso}}","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618","from":"Acme <onboarding@example.com>","to":["delivered@resend.dev"],"subject":"Sending this example"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'an event',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,uQwWXpvunQr32ZmnQQLik/7XdGnH6bDDhVvlNCM1w3U='],
        ],
        body: '{"type":"email.delivered","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618"}}',
        key: 'whsec_cmVzZW5kX3Rlc3Rfc2lnbmluZ19rZXlfMzJfYnl0ZXM=',
        at: 1767225605,
      },
      {
        why: 'pretty-printed, UTF-8, escapes, and text that a template must not expand',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,WVrXOg0XyfHz7vi52o5/Ov0YqooSxYlL+AGD6L2uBoM='],
        ],
        body: '{\n  "type": "email.delivered",\n  "data": { "subject": "Grüße $& $1 \\u00e9\\/" }\n}\n',
        key: 'whsec_cmVzZW5kX3Rlc3Rfc2lnbmluZ19rZXlfMzJfYnl0ZXM=',
        at: 1767225605,
      },
      {
        why: 'rotation: the second of two signatures, another version beside',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          [
            'svix-signature',
            'v1,C2Y3ASktrNFI/wrUpznVStEqpXWRsWrt3WUKJarHzdE= v1a,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA== v1,uQwWXpvunQr32ZmnQQLik/7XdGnH6bDDhVvlNCM1w3U=',
          ],
        ],
        body: '{"type":"email.delivered","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618"}}',
        key: 'whsec_cmVzZW5kX3Rlc3Rfc2lnbmluZ19rZXlfMzJfYnl0ZXM=',
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,uQwWXpvunQr32ZmnQQLik/7XdGnH6bDDhVvlNCM1w3U='],
        ],
        body: '{"type":"email.delivered","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618"}}',
        key: 'whsec_cmVzZW5kX3Rlc3Rfc2lnbmluZ19rZXlfMzJfYnl0ZXM=',
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,uQwWXpvunQr32ZmnQQLik/7XdGnH6bDDhVvlNCM1w3U='],
        ],
        body: '{"type":"email.delivered","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce619"}}',
        key: 'whsec_cmVzZW5kX3Rlc3Rfc2lnbmluZ19rZXlfMzJfYnl0ZXM=',
        at: 1767225605,
      },
      {
        why: 'the id changed',
        headers: [
          ['svix-id', 'msg_other'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,uQwWXpvunQr32ZmnQQLik/7XdGnH6bDDhVvlNCM1w3U='],
        ],
        body: '{"type":"email.delivered","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618"}}',
        key: 'whsec_cmVzZW5kX3Rlc3Rfc2lnbmluZ19rZXlfMzJfYnl0ZXM=',
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225601'],
          ['svix-signature', 'v1,uQwWXpvunQr32ZmnQQLik/7XdGnH6bDDhVvlNCM1w3U='],
        ],
        body: '{"type":"email.delivered","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618"}}',
        key: 'whsec_cmVzZW5kX3Rlc3Rfc2lnbmluZ19rZXlfMzJfYnl0ZXM=',
        at: 1767225605,
      },
      {
        why: 'signed with another secret',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,C2Y3ASktrNFI/wrUpznVStEqpXWRsWrt3WUKJarHzdE='],
        ],
        body: '{"type":"email.delivered","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618"}}',
        key: 'whsec_cmVzZW5kX3Rlc3Rfc2lnbmluZ19rZXlfMzJfYnl0ZXM=',
        at: 1767225605,
      },
      {
        why: 'the text of the secret as the key',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,p+Tvvi45jb5NT12Zo0XXv4qKgATxfscWmpzJcApcguA='],
        ],
        body: '{"type":"email.delivered","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618"}}',
        key: 'whsec_cmVzZW5kX3Rlc3Rfc2lnbmluZ19rZXlfMzJfYnl0ZXM=',
        at: 1767225605,
      },
      {
        why: 'the right digest under another version',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v2,uQwWXpvunQr32ZmnQQLik/7XdGnH6bDDhVvlNCM1w3U='],
        ],
        body: '{"type":"email.delivered","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618"}}',
        key: 'whsec_cmVzZW5kX3Rlc3Rfc2lnbmluZ19rZXlfMzJfYnl0ZXM=',
        at: 1767225605,
      },
      {
        why: 'no version',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'uQwWXpvunQr32ZmnQQLik/7XdGnH6bDDhVvlNCM1w3U='],
        ],
        body: '{"type":"email.delivered","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618"}}',
        key: 'whsec_cmVzZW5kX3Rlc3Rfc2lnbmluZ19rZXlfMzJfYnl0ZXM=',
        at: 1767225605,
      },
      {
        why: 'an empty header',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', ''],
        ],
        body: '{"type":"email.delivered","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618"}}',
        key: 'whsec_cmVzZW5kX3Rlc3Rfc2lnbmluZ19rZXlfMzJfYnl0ZXM=',
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
        ],
        body: '{"type":"email.delivered","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618"}}',
        key: 'whsec_cmVzZW5kX3Rlc3Rfc2lnbmluZ19rZXlfMzJfYnl0ZXM=',
        at: 1767225605,
      },
      {
        why: 'no id',
        headers: [
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,uQwWXpvunQr32ZmnQQLik/7XdGnH6bDDhVvlNCM1w3U='],
        ],
        body: '{"type":"email.delivered","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618"}}',
        key: 'whsec_cmVzZW5kX3Rlc3Rfc2lnbmluZ19rZXlfMzJfYnl0ZXM=',
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,uQwWXpvunQr32ZmnQQLik/7XdGnH6bDDhVvlNCM1w3U='],
        ],
        body: '{"type":"email.delivered","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618"}}',
        key: 'whsec_cmVzZW5kX3Rlc3Rfc2lnbmluZ19rZXlfMzJfYnl0ZXM=',
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: [
          ['svix-id', 'msg_2b4K1zS6lQe0YB8vG5pWcQ9r1Xy'],
          ['svix-timestamp', '1767225600'],
          ['svix-signature', 'v1,uQwWXpvunQr32ZmnQQLik/7XdGnH6bDDhVvlNCM1w3U='],
        ],
        body: '{"type":"email.delivered","data":{"email_id":"56761188-7520-42d8-8898-ff6fc54ce618"}}',
        key: 'whsec_cmVzZW5kX3Rlc3Rfc2lnbmluZ19rZXlfMzJfYnl0ZXM=',
        at: 1767225299,
      },
    ],
  },
})
