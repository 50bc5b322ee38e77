import type { HeaderList } from '../../base/model/event.ts'
import { defineProvider } from '../definition.ts'

const CERTIFICATE =
  '-----BEGIN CERTIFICATE-----\nMIICqTCCAZGgAwIBAgIBATANBgkqhkiG9w0BAQsFADAXMRUwEwYDVQQDDAxQb3N0\nZXJuIHRlc3QwIBcNMjAwMTAxMDAwMDAwWhgPMjA1MDAxMDEwMDAwMDBaMBcxFTAT\nBgNVBAMMDFBvc3Rlcm4gdGVzdDCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoC\nggEBAIzXPy5DrzCpdLrZsKjSEw6DzjdSiRjOev+lu9xefoPEfeivEjfbuUA3Xgx7\nykufSAM+26wpff/gATuLB3+g8K7m6rBgxu/eXh9KT5Z6zgqjF+5Z+HRKeJ+2A0dX\nQ/czZyM0mndHWet/D+Fw+TWS3b/RwOY8xb6AqzbhJ6kPHdqTvqJ5+XEhZUD7k7Tl\nv/YRdLxW6mz1Od9pir8EDpbsdL/Qd+9D2gTWTVKwJFb83iZmsTnFECRzQnr4oFJc\nX9qBvfsHMFaSt8CotCr348Qxu/HhXnDEG1Td8Nq493VVwZBccC/oMG/a+CQoVsiU\n7WEz2jfIGrXkkLhEtPaeQB1BMi0CAwEAATANBgkqhkiG9w0BAQsFAAOCAQEAd81S\nyHyOsFRswx57lkpZOD/JFdaql73m677u8K3+xFp6wD3o5dkHufa9sQCfCTN7luIh\nOUWBJrzrtwOyCpDgC1WweppUKQnZ7ObAFsrdekE6m3O62fBCKsrnjvP6XPQeWKSV\nQg0OmNFiGYSnTHJoZ61fFW6/UCVu+fDiOmDMxXIx4habcdgCMQjru6OF+2OjY/2y\nmRRHmQCRskJ/jfwguuktLeog+aniHjmuGPUjNavLTK7ZMht7j4+p/Vir9FSeoyVo\nEYQaLVZ9otb00GlRzD6LJw77+0vHqn2pQ1/jbG2zUP1auOJR9EKI8VUvrlwqW0IU\n5UdP1sZJ4OnMoG7OKQ==\n-----END CERTIFICATE-----\n'
const CERTIFICATE_URL = 'https://api.paypal.com/v1/notifications/certs/CERT-postern-test'
const SIGNATURE =
  'bTA0Oxf+N8LAdpKbmVXXCZ3+l5D2Yvi2IULr1KFaRU1vtyh/Eb34LuzVchx/cMCbOvfiFe8MQfaEC395awZjVsW1XNPl92EWmDmHeJR8gvBNNAudyZJwfVCYUzm0cWRh4WMtc1mQ63l59tUl8BOZseNkTyImRA0dtcZKdXu2hwWzaBqF6b5hfykecPcSp9OORf/4KAM6A8ksLXFzVwHMsooWxzVjT2Txe3qncnhmzDK4JpTB3O8hQhJtjc4uTrRov1gIRuuiKCf7EilmaFxo4rbRnHckb3XRMUYJEX8+Y+Mu8mY9qHIK6+PfpcV/8XUs3fnVQxxRrHs8VvaOuFkggA=='
const TOKEN_API = 'https://api-m.paypal.com/v1/oauth2/token'
const VERIFY_API = 'https://api-m.paypal.com/v1/notifications/verify-webhook-signature'
const HEADERS: HeaderList = [
  ['PAYPAL-TRANSMISSION-ID', '69cd13f0-d67a-11e5-baa3-778b53f4ae55'],
  ['PAYPAL-TRANSMISSION-TIME', '2026-01-01T00:00:00Z'],
  ['PAYPAL-CERT-URL', CERTIFICATE_URL],
  ['PAYPAL-AUTH-ALGO', 'SHA256withRSA'],
  ['PAYPAL-TRANSMISSION-SIG', SIGNATURE],
]

export const paypal = defineProvider({
  id: 'paypal',
  name: 'PayPal',
  category: 'payments',
  docs: 'https://developer.paypal.com/api/rest/webhooks/rest/',
  schemes: [
    {
      family: 'asymmetric',
      name: 'certificate',
      algorithm: 'rsa-sha256',
      key: {
        format: 'certificate-url',
        url: 'header:PAYPAL-CERT-URL',
        hosts: ['api.paypal.com', 'api.sandbox.paypal.com', 'api-m.paypal.com', 'api-m.sandbox.paypal.com'],
        pin: 'webhookId',
        pattern: '[A-Za-z0-9_-]{6,64}',
        example: '8PT597110X687430LKGECATA',
      },
      signature: { header: 'PAYPAL-TRANSMISSION-SIG', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [
        {
          templates: ['{header:PAYPAL-TRANSMISSION-ID}|{header:PAYPAL-TRANSMISSION-TIME}|{key}|{crc32:body}'],
          require: [{ kind: 'header-equals', header: 'PAYPAL-AUTH-ALGO', value: 'SHA256withRSA' }],
        },
      ],
      weakness:
        'Of the body only its CRC-32 is signed. Who has captured one request can make another body with the same checksum.',
    },
    {
      family: 'fetch-back',
      name: 'postback',
      id: { source: 'header:PAYPAL-TRANSMISSION-ID', pattern: '[A-Za-z0-9-]{8,64}' },
      authorize: {
        method: 'POST',
        origins: [
          { environment: 'production', origin: 'https://api-m.paypal.com' },
          { environment: 'sandbox', origin: 'https://api-m.sandbox.paypal.com' },
        ],
        path: '/v1/oauth2/token',
        headers: { Authorization: 'Basic {basic}' },
        contentType: 'application/x-www-form-urlencoded',
        body: 'grant_type=client_credentials',
        cacheSeconds: 3600,
      },
      call: {
        method: 'POST',
        origins: [
          { environment: 'production', origin: 'https://api-m.paypal.com' },
          { environment: 'sandbox', origin: 'https://api-m.sandbox.paypal.com' },
        ],
        path: '/v1/notifications/verify-webhook-signature',
        headers: { Authorization: 'Bearer {token}' },
        contentType: 'application/json',
        body: '{"auth_algo":"{header:PAYPAL-AUTH-ALGO}","cert_url":"{header:PAYPAL-CERT-URL}","transmission_id":"{header:PAYPAL-TRANSMISSION-ID}","transmission_sig":"{header:PAYPAL-TRANSMISSION-SIG}","transmission_time":"{header:PAYPAL-TRANSMISSION-TIME}","webhook_id":"{config:webhookId}","webhook_event":{body}}',
      },
      confirms: { path: '$.verification_status', equals: 'SUCCESS' },
      keyForm:
        'Client id and secret of the REST app, `client_id:secret`: PayPal is asked about every request with them.',
      weakness:
        'Nothing is checked here: PayPal’s word is taken, at the price of a call for every request, and none is accepted while its API is down.',
    },
  ],
  keyForm: 'The id of the webhook, from the app’s page. It is no secret; the certificate that signs comes from PayPal.',
  settings: [
    {
      name: 'webhookId',
      what: 'The id of the webhook, from the app’s page.',
      example: '8PT597110X687430LKGECATA',
      schemes: ['postback'],
      required: true,
    },
    {
      name: 'environment',
      what: 'Which of PayPal’s environments is asked: production (when not set) or sandbox.',
      example: 'production',
      schemes: ['postback'],
    },
  ],
  setup: [
    'In PayPal’s Developer Dashboard open Apps & Credentials, choose the app, live or sandbox, and scroll to Webhooks.',
    'Add a webhook with this integration’s public URL and the events to receive.',
    'Copy the Webhook ID from the list and paste it here.',
    'Send an event with a real sandbox payment: the Webhooks simulator signs for no webhook of yours and is refused.',
  ],
  rotation:
    'There is no secret to rotate: PayPal renews its certificates and names the one in use. A new webhook has a new id; add it here before the old webhook is deleted.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: {
    id: 'body:$.id',
    type: 'body:$.event_type',
    tenant: 'body:$.resource.payee.merchant_id',
    subject: 'body:$.resource.id',
    occurredAt: 'body:$.create_time',
  },
  delivery: { success: '2xx', retries: 'up to 25 over 3 days' },
  pitfalls: [
    'The checksum is that of the raw bytes, written as an unsigned decimal number.',
    'The request names its certificate. Its host is checked before anything is fetched, and only https without a port or user is followed.',
    'The webhook id is in no request: each integration needs its own.',
    'For the postback the event goes back exactly as it came; written out anew it fails.',
  ],
  sample: {
    type: 'PAYMENT.CAPTURE.COMPLETED',
    idPrefix: 'WH-',
    contentType: 'application/json',
    headers: [
      ['PAYPAL-TRANSMISSION-ID', '69cd13f0-d67a-11e5-baa3-778b53f4ae55'],
      ['PAYPAL-TRANSMISSION-TIME', '2026-01-01T00:00:00Z'],
      ['PAYPAL-CERT-URL', CERTIFICATE_URL],
    ],
    body: '{"id":"{{id}}","event_version":"1.0","create_time":"{{iso}}","resource_type":"capture","event_type":"{{type}}","summary":"Payment completed","resource":{"id":"2GG279541U471931P","status":"COMPLETED","amount":{"currency_code":"EUR","value":"19.99"},"payee":{"merchant_id":"POSTERNTEST01"}}}',
  },
  vectors: {
    accepted: [
      {
        why: 'a checksum above 2^31',
        headers: HEADERS,
        body: '{"id":"WH-0","event_type":"PAYMENT.CAPTURE.COMPLETED"}',
        key: '8PT597110X687430LKGECATA',
        remote: { [CERTIFICATE_URL]: CERTIFICATE },
      },
      {
        why: 'the exact bytes: indented, UTF-8, text that looks like a replacement pattern',
        headers: [
          ['PAYPAL-TRANSMISSION-ID', '69cd13f0-d67a-11e5-baa3-778b53f4ae55'],
          ['PAYPAL-TRANSMISSION-TIME', '2026-01-01T00:00:00Z'],
          ['PAYPAL-CERT-URL', CERTIFICATE_URL],
          ['PAYPAL-AUTH-ALGO', 'SHA256withRSA'],
          [
            'PAYPAL-TRANSMISSION-SIG',
            'OfnHIQReBkvDYgNu+s4x+otJIcCibiOeoIqOKxUE3/Zq1JakfI4skTT7bGXx71lpvL3WFyLc0RHXdmlBoc7l+3Jyk3ac/mUDjkoBqHOpB6W+6NwGG4uUc+rlL4qhOcLcYg7NxJJLCqKVt91uFIuRsVshTDLVwySNoXi28mIxjqKJYCtjBjEPDIB0Q+cpmTzH7wbZr3xz2nI966+xr84LPosrSAxIDMfhetrTFOSdenXHVvQHVrg7d+VS8mc5NCjmvvU5+d3ALle/HCRl6lZMQaTE0KXG5vfDLllzZfIJGn8+/DKVUHtjxaTjQZoHupLMyENIRiYeXYLCLeurB3WinQ==',
          ],
        ],
        body: '{\n  "id": "evt_2",\n  "note": "Grüße 🚀 $& $$ \\u00e9"\n}\n',
        key: '8PT597110X687430LKGECATA',
        remote: { [CERTIFICATE_URL]: CERTIFICATE },
      },
      {
        why: 'postback: PayPal confirms',
        scheme: 'postback',
        headers: HEADERS,
        body: '{"id":"WH-0","event_type":"PAYMENT.CAPTURE.COMPLETED"}',
        key: 'paypal_test_client:paypal_test_secret',
        settings: { webhookId: '8PT597110X687430LKGECATA' },
        remote: {
          [TOKEN_API]: '{"access_token":"paypal-test-token"}',
          [VERIFY_API]: '{"verification_status":"SUCCESS"}',
        },
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: HEADERS,
        body: '{"id":"WH-0","event_type":"PAYMENT.CAPTURE.COMPLETEX"}',
        key: '8PT597110X687430LKGECATA',
        remote: { [CERTIFICATE_URL]: CERTIFICATE },
      },
      {
        why: 'the checksum as a signed number',
        headers: [
          ['PAYPAL-TRANSMISSION-ID', '69cd13f0-d67a-11e5-baa3-778b53f4ae55'],
          ['PAYPAL-TRANSMISSION-TIME', '2026-01-01T00:00:00Z'],
          ['PAYPAL-CERT-URL', CERTIFICATE_URL],
          ['PAYPAL-AUTH-ALGO', 'SHA256withRSA'],
          [
            'PAYPAL-TRANSMISSION-SIG',
            'W5LEQI+rhNh5SJId4LoJtlvQ51cHJlOQ0SApyEJgJ7ZFiCalUYaXMbQVDkNkxg0JTXgcxmPv+A31HtNrBRGQ0j3BPfBOwW3Ei8y7GpK3noXa2+yZzX2qPXg/f4UETB8rIa/gsB9avuPwsxGcuTf4aws8FmihMzGdrPQUDQ7YXSJpOwkkf79k/H9B+kUsragTcDERDoHu/+j0BbNz3zZ3lT5mRD1MW+/NfA+wSkAdUlbMlqE/Y7FBvp3oiOw0AAGfCT/pXtW1dxRCsnXZkeJPkGHlhZkiFRD2aNDnXXVWJyauiJe7zwoCBe1BO3rTvgmaneyImAjtytH4GPOHKmhcrA==',
          ],
        ],
        body: '{"id":"WH-0","event_type":"PAYMENT.CAPTURE.COMPLETED"}',
        key: '8PT597110X687430LKGECATA',
        remote: { [CERTIFICATE_URL]: CERTIFICATE },
      },
      {
        why: 'signed for another webhook',
        headers: [
          ['PAYPAL-TRANSMISSION-ID', '69cd13f0-d67a-11e5-baa3-778b53f4ae55'],
          ['PAYPAL-TRANSMISSION-TIME', '2026-01-01T00:00:00Z'],
          ['PAYPAL-CERT-URL', CERTIFICATE_URL],
          ['PAYPAL-AUTH-ALGO', 'SHA256withRSA'],
          [
            'PAYPAL-TRANSMISSION-SIG',
            'WMoEcEnRMQtgLEBhIRNC8EqG+mZoTyaMDxMB15UdcYuN0WdMsZb2Jy3Lc5lUpuTQZ0D0lkGBJpN7jCRk/ENHYRD5QgFt4XhI2j0fturXtpoL6jg90+Mrms5gzUK7uu2tiOEm9WXZGzfkId50Dtqg61Muk0XwWEpwxSD0FFji5Msxm0DeO8X886Frb6URp7GW6+p2RMVNz5Aeyfyz5g9rUo+uF+4EEacRg68ZdepxWxsaO2MruV5rDUX2cPZm5MAF/UWOZvmnw1MvCTXWYbsXHNN8HQ0p9q6/uiCkoPOoVniBaqLQdv1R7Irq3V1RRxDqBSa5x/rlbMjXchJ57Z2uLA==',
          ],
        ],
        body: '{"id":"WH-0","event_type":"PAYMENT.CAPTURE.COMPLETED"}',
        key: '8PT597110X687430LKGECATA',
        remote: { [CERTIFICATE_URL]: CERTIFICATE },
      },
      {
        why: 'another transmission id',
        headers: [
          ['PAYPAL-TRANSMISSION-ID', '69cd13f0-d67a-11e5-baa3-778b53f4ae56'],
          ['PAYPAL-TRANSMISSION-TIME', '2026-01-01T00:00:00Z'],
          ['PAYPAL-CERT-URL', CERTIFICATE_URL],
          ['PAYPAL-AUTH-ALGO', 'SHA256withRSA'],
          ['PAYPAL-TRANSMISSION-SIG', SIGNATURE],
        ],
        body: '{"id":"WH-0","event_type":"PAYMENT.CAPTURE.COMPLETED"}',
        key: '8PT597110X687430LKGECATA',
        remote: { [CERTIFICATE_URL]: CERTIFICATE },
      },
      {
        why: 'another algorithm announced',
        headers: [
          ['PAYPAL-TRANSMISSION-ID', '69cd13f0-d67a-11e5-baa3-778b53f4ae55'],
          ['PAYPAL-TRANSMISSION-TIME', '2026-01-01T00:00:00Z'],
          ['PAYPAL-CERT-URL', CERTIFICATE_URL],
          ['PAYPAL-AUTH-ALGO', 'SHA1withRSA'],
          ['PAYPAL-TRANSMISSION-SIG', SIGNATURE],
        ],
        body: '{"id":"WH-0","event_type":"PAYMENT.CAPTURE.COMPLETED"}',
        key: '8PT597110X687430LKGECATA',
        remote: { [CERTIFICATE_URL]: CERTIFICATE },
      },
      {
        why: 'no signature',
        headers: [
          ['PAYPAL-TRANSMISSION-ID', '69cd13f0-d67a-11e5-baa3-778b53f4ae55'],
          ['PAYPAL-TRANSMISSION-TIME', '2026-01-01T00:00:00Z'],
          ['PAYPAL-CERT-URL', CERTIFICATE_URL],
          ['PAYPAL-AUTH-ALGO', 'SHA256withRSA'],
        ],
        body: '{"id":"WH-0","event_type":"PAYMENT.CAPTURE.COMPLETED"}',
        key: '8PT597110X687430LKGECATA',
        remote: { [CERTIFICATE_URL]: CERTIFICATE },
      },
      {
        why: 'no certificate',
        headers: [
          ['PAYPAL-TRANSMISSION-ID', '69cd13f0-d67a-11e5-baa3-778b53f4ae55'],
          ['PAYPAL-TRANSMISSION-TIME', '2026-01-01T00:00:00Z'],
          ['PAYPAL-AUTH-ALGO', 'SHA256withRSA'],
          ['PAYPAL-TRANSMISSION-SIG', SIGNATURE],
        ],
        body: '{"id":"WH-0","event_type":"PAYMENT.CAPTURE.COMPLETED"}',
        key: '8PT597110X687430LKGECATA',
        remote: { [CERTIFICATE_URL]: CERTIFICATE },
      },
      {
        why: 'a certificate from http://api.paypal.com/cert',
        headers: [
          ['PAYPAL-TRANSMISSION-ID', '69cd13f0-d67a-11e5-baa3-778b53f4ae55'],
          ['PAYPAL-TRANSMISSION-TIME', '2026-01-01T00:00:00Z'],
          ['PAYPAL-CERT-URL', 'http://api.paypal.com/cert'],
          ['PAYPAL-AUTH-ALGO', 'SHA256withRSA'],
          ['PAYPAL-TRANSMISSION-SIG', SIGNATURE],
        ],
        body: '{"id":"WH-0","event_type":"PAYMENT.CAPTURE.COMPLETED"}',
        key: '8PT597110X687430LKGECATA',
        remote: { 'http://api.paypal.com/cert': CERTIFICATE },
      },
      {
        why: 'a certificate from https://api.paypal.com.example.net/cert',
        headers: [
          ['PAYPAL-TRANSMISSION-ID', '69cd13f0-d67a-11e5-baa3-778b53f4ae55'],
          ['PAYPAL-TRANSMISSION-TIME', '2026-01-01T00:00:00Z'],
          ['PAYPAL-CERT-URL', 'https://api.paypal.com.example.net/cert'],
          ['PAYPAL-AUTH-ALGO', 'SHA256withRSA'],
          ['PAYPAL-TRANSMISSION-SIG', SIGNATURE],
        ],
        body: '{"id":"WH-0","event_type":"PAYMENT.CAPTURE.COMPLETED"}',
        key: '8PT597110X687430LKGECATA',
        remote: { 'https://api.paypal.com.example.net/cert': CERTIFICATE },
      },
      {
        why: 'a certificate from https://example.net@api.paypal.com/cert',
        headers: [
          ['PAYPAL-TRANSMISSION-ID', '69cd13f0-d67a-11e5-baa3-778b53f4ae55'],
          ['PAYPAL-TRANSMISSION-TIME', '2026-01-01T00:00:00Z'],
          ['PAYPAL-CERT-URL', 'https://example.net@api.paypal.com/cert'],
          ['PAYPAL-AUTH-ALGO', 'SHA256withRSA'],
          ['PAYPAL-TRANSMISSION-SIG', SIGNATURE],
        ],
        body: '{"id":"WH-0","event_type":"PAYMENT.CAPTURE.COMPLETED"}',
        key: '8PT597110X687430LKGECATA',
        remote: { 'https://example.net@api.paypal.com/cert': CERTIFICATE },
      },
      {
        why: 'a certificate from https://api.paypal.com:8443/cert',
        headers: [
          ['PAYPAL-TRANSMISSION-ID', '69cd13f0-d67a-11e5-baa3-778b53f4ae55'],
          ['PAYPAL-TRANSMISSION-TIME', '2026-01-01T00:00:00Z'],
          ['PAYPAL-CERT-URL', 'https://api.paypal.com:8443/cert'],
          ['PAYPAL-AUTH-ALGO', 'SHA256withRSA'],
          ['PAYPAL-TRANSMISSION-SIG', SIGNATURE],
        ],
        body: '{"id":"WH-0","event_type":"PAYMENT.CAPTURE.COMPLETED"}',
        key: '8PT597110X687430LKGECATA',
        remote: { 'https://api.paypal.com:8443/cert': CERTIFICATE },
      },
      {
        why: 'postback: PayPal denies',
        scheme: 'postback',
        headers: HEADERS,
        body: '{"id":"WH-0","event_type":"PAYMENT.CAPTURE.COMPLETED"}',
        key: 'paypal_test_client:paypal_test_secret',
        settings: { webhookId: '8PT597110X687430LKGECATA' },
        remote: {
          [TOKEN_API]: '{"access_token":"paypal-test-token"}',
          [VERIFY_API]: '{"verification_status":"FAILURE"}',
        },
      },
      {
        why: 'postback: no answer',
        scheme: 'postback',
        headers: HEADERS,
        body: '{"id":"WH-0","event_type":"PAYMENT.CAPTURE.COMPLETED"}',
        key: 'paypal_test_client:paypal_test_secret',
        settings: { webhookId: '8PT597110X687430LKGECATA' },
        remote: { [TOKEN_API]: '{"access_token":"paypal-test-token"}' },
      },
      {
        why: 'postback: no signature to ask about',
        scheme: 'postback',
        headers: [
          ['PAYPAL-TRANSMISSION-ID', '69cd13f0-d67a-11e5-baa3-778b53f4ae55'],
          ['PAYPAL-TRANSMISSION-TIME', '2026-01-01T00:00:00Z'],
          ['PAYPAL-CERT-URL', CERTIFICATE_URL],
          ['PAYPAL-AUTH-ALGO', 'SHA256withRSA'],
        ],
        body: '{"id":"WH-0","event_type":"PAYMENT.CAPTURE.COMPLETED"}',
        key: 'paypal_test_client:paypal_test_secret',
        settings: { webhookId: '8PT597110X687430LKGECATA' },
        remote: {
          [TOKEN_API]: '{"access_token":"paypal-test-token"}',
          [VERIFY_API]: '{"verification_status":"SUCCESS"}',
        },
      },
    ],
  },
})
