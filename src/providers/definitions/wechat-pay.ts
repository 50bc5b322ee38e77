import type { HeaderList } from '../../base/model/event.ts'
import { defineProvider } from '../definition.ts'

const PUBLIC_KEY =
  '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAjNc/LkOvMKl0utmwqNIT\nDoPON1KJGM56/6W73F5+g8R96K8SN9u5QDdeDHvKS59IAz7brCl9/+ABO4sHf6Dw\nrubqsGDG795eH0pPlnrOCqMX7ln4dEp4n7YDR1dD9zNnIzSad0dZ638P4XD5NZLd\nv9HA5jzFvoCrNuEnqQ8d2pO+onn5cSFlQPuTtOW/9hF0vFbqbPU532mKvwQOlux0\nv9B370PaBNZNUrAkVvzeJmaxOcUQJHNCevigUlxf2oG9+wcwVpK3wKi0KvfjxDG7\n8eFecMQbVN3w2rj3dVXBkFxwL+gwb9r4JChWyJTtYTPaN8gateSQuES09p5AHUEy\nLQIDAQAB\n-----END PUBLIC KEY-----\n'
const SIGNATURE =
  'LLMbvOHLI2+mTqhR7qSK1GJplqjBcOdLW4WnLyGhlsOCC4KyASR/jdE6xUsPdAYJukzUXUOxKDvYp67S2jdp1a+2XqH+JCdFoQokaWzPZqORSyaNeHKMF54hFaZ9Fg/9NTp4KpnblrU5EBFxvqRpQm2sHOSxnIH42AztmXHElIPKtgyrrqDhQGbmOpBWkvYgAZtaAcw4MdqN94M4r9HXbRhJ2b5AQJcp7bUeul5hB3+fIER0YwrSfotgKVkzgMa4Aaj113Sin9HxqYMZ6vo5hhuRUnERRg0sAvgdx2vPOWooDkBRC5FS962KLuan4kKgRqhvgojUVIxgabArcwPXzA=='
const HEADERS: HeaderList = [
  ['Wechatpay-Serial', '5157F09EFDC096DE15EBE81A47057A7232F1B8E1'],
  ['Wechatpay-Timestamp', '1767225600'],
  ['Wechatpay-Nonce', 'd824f2e086d3c1df967785d13fcd22ef'],
  ['Wechatpay-Signature', SIGNATURE],
]

export const wechatPay = defineProvider({
  id: 'wechat-pay',
  name: 'WeChat Pay',
  category: 'payments',
  docs: 'https://pay.weixin.qq.com/wiki/doc/api_external/en/wechatpay/wechatpay3_3.shtml',
  schemes: [
    {
      family: 'asymmetric',
      name: 'v3',
      algorithm: 'rsa-sha256',
      key: { format: 'spki' },
      signature: { header: 'Wechatpay-Signature', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [{ templates: ['{ts}\n{header:Wechatpay-Nonce}\n{body}\n'] }],
      timestamp: { in: { header: 'Wechatpay-Timestamp' }, unit: 's', toleranceSeconds: 300, toleranceDocumented: true },
    },
  ],
  keyForm:
    'The WeChat Pay public key, or a platform certificate, PEM: the one that Wechatpay-Serial names; not the merchant’s own.',
  setup: [
    'In the merchant platform open Account Center, then API Security, and download the WeChat Pay public key (or the platform certificate).',
    'Paste it here; while certificates change over, add every one that is valid.',
    'Give this integration’s public URL as notify_url when an order or a refund is created: https, without a query.',
  ],
  rotation:
    'A new platform certificate is published some days before it signs: add it here beside the old one, and remove the old one when it has expired. Any active key may match.',
  payload: [{ kind: 'json-object' }],
  methods: ['POST'],
  event: { id: 'body:$.id', type: 'body:$.event_type', occurredAt: 'body:$.create_time' },
  delivery: { success: '200 or 204', timeoutSeconds: 5, retries: 'about 15 over a day with growing pauses' },
  answers: {
    unauthorized: { status: 401, contentType: 'application/json', body: '{"code":"FAIL","message":"signature"}' },
  },
  pitfalls: [
    'The resource in the body is encrypted with the APIv3 key: it is verified here and decrypted at the destination.',
    'What is signed ends in a line break, after the body too.',
    'Now and then WeChat Pay sends a wrong signature on purpose to see that it is refused.',
    'The key is WeChat Pay’s, not the merchant’s certificate.',
  ],
  sample: {
    type: 'TRANSACTION.SUCCESS',
    idPrefix: 'EV-',
    contentType: 'application/json',
    headers: [
      ['Wechatpay-Nonce', 'd824f2e086d3c1df967785d13fcd22ef'],
      ['Wechatpay-Serial', '5157F09EFDC096DE15EBE81A47057A7232F1B8E1'],
    ],
    body: '{"id":"{{id}}","create_time":"{{iso}}","resource_type":"encrypt-resource","event_type":"{{type}}","summary":"支付成功","resource":{"original_type":"transaction","algorithm":"AEAD_AES_256_GCM","ciphertext":"cG9zdGVybiBzYW1wbGU=","associated_data":"transaction","nonce":"fdasflkja484"}}',
  },
  vectors: {
    accepted: [
      {
        why: 'compact JSON with UTF-8',
        headers: HEADERS,
        body: '{"id":"EV-1","event_type":"TRANSACTION.SUCCESS","summary":"支付成功"}',
        key: PUBLIC_KEY,
        at: 1767225605,
      },
      {
        why: 'the exact bytes: indented, a line break at the end, text that looks like a replacement pattern',
        headers: [
          ['Wechatpay-Serial', '5157F09EFDC096DE15EBE81A47057A7232F1B8E1'],
          ['Wechatpay-Timestamp', '1767225600'],
          ['Wechatpay-Nonce', 'd824f2e086d3c1df967785d13fcd22ef'],
          [
            'Wechatpay-Signature',
            'PCDXXefGEkoLoLo3hGlnzlManTxAZzgqLZ3u1ucII5qdEDcftzDuAi2MBOs9u0+/MgcXJ3BvDnLHmXflYnGZrDRWZmOO1p0Fk8C5ER8rGEKtkrapuRTO/Z4ESQhbY+c+0w19aKpNUSgsVopqz26yyyLnCWF8wCOzhsOMJR91l8R+llEKQqL2DywxFQJs1Z9NOABDex9q0AnGbGc5e1dp+P4ZJeezHXKlwXbpw68GoWldqKnGyMESZxQN6AYrCEa0gKf1wQQn/uYxqKqlH5jFhh2aJLgfwBmheEpNFeNmQyuAnPTXIBWeNpXOwXGjiQCayTNSnPmPrrzlcCxZdOcp5w==',
          ],
        ],
        body: '{\n  "id": "EV-2",\n  "event_type": "REFUND.SUCCESS",\n  "summary": "退款 $& 🚀"\n}\n',
        key: PUBLIC_KEY,
        at: 1767225605,
      },
      {
        why: 'exactly at the end of the window',
        headers: HEADERS,
        body: '{"id":"EV-1","event_type":"TRANSACTION.SUCCESS","summary":"支付成功"}',
        key: PUBLIC_KEY,
        at: 1767225900,
      },
    ],
    refused: [
      {
        why: 'one byte of the body changed',
        headers: HEADERS,
        body: '{"id":"EV-2","event_type":"TRANSACTION.SUCCESS","summary":"支付成功"}',
        key: PUBLIC_KEY,
        at: 1767225605,
      },
      {
        why: 'the timestamp changed',
        headers: [
          ['Wechatpay-Serial', '5157F09EFDC096DE15EBE81A47057A7232F1B8E1'],
          ['Wechatpay-Timestamp', '1767225601'],
          ['Wechatpay-Nonce', 'd824f2e086d3c1df967785d13fcd22ef'],
          ['Wechatpay-Signature', SIGNATURE],
        ],
        body: '{"id":"EV-1","event_type":"TRANSACTION.SUCCESS","summary":"支付成功"}',
        key: PUBLIC_KEY,
        at: 1767225605,
      },
      {
        why: 'the nonce changed',
        headers: [
          ['Wechatpay-Serial', '5157F09EFDC096DE15EBE81A47057A7232F1B8E1'],
          ['Wechatpay-Timestamp', '1767225600'],
          ['Wechatpay-Nonce', 'd924f2e086d3c1df967785d13fcd22ef'],
          ['Wechatpay-Signature', SIGNATURE],
        ],
        body: '{"id":"EV-1","event_type":"TRANSACTION.SUCCESS","summary":"支付成功"}',
        key: PUBLIC_KEY,
        at: 1767225605,
      },
      {
        why: 'no nonce',
        headers: [
          ['Wechatpay-Serial', '5157F09EFDC096DE15EBE81A47057A7232F1B8E1'],
          ['Wechatpay-Timestamp', '1767225600'],
          ['Wechatpay-Signature', SIGNATURE],
        ],
        body: '{"id":"EV-1","event_type":"TRANSACTION.SUCCESS","summary":"支付成功"}',
        key: PUBLIC_KEY,
        at: 1767225605,
      },
      {
        why: 'no timestamp',
        headers: [
          ['Wechatpay-Serial', '5157F09EFDC096DE15EBE81A47057A7232F1B8E1'],
          ['Wechatpay-Nonce', 'd824f2e086d3c1df967785d13fcd22ef'],
          ['Wechatpay-Signature', SIGNATURE],
        ],
        body: '{"id":"EV-1","event_type":"TRANSACTION.SUCCESS","summary":"支付成功"}',
        key: PUBLIC_KEY,
        at: 1767225605,
      },
      {
        why: 'signed without the last line break',
        headers: [
          ['Wechatpay-Serial', '5157F09EFDC096DE15EBE81A47057A7232F1B8E1'],
          ['Wechatpay-Timestamp', '1767225600'],
          ['Wechatpay-Nonce', 'd824f2e086d3c1df967785d13fcd22ef'],
          [
            'Wechatpay-Signature',
            'dbgWwYwRGCGOmZqE1dRukOGUaZRjxMAD41qYp7d1dNxxR1XENgwVs899MvCn5jvqvrnXfB7gLKYtieppRnK06SqAP0Vq4w13cyStaRIfljIqjOx7iDS01FEQe6lxCwnsWro2Du3fx9PFcGPaP1ffMApcEgeEht2+SXH37VRM3l5hJTidNy5Ph8xVymETHylR12YQdx90aGTXv473sfaXN+JTCna++8YYCvY4MrOD6zpv/aFwk0iOd4F5JE42ZAQ+lNIvuJ4Acoptple59aRqsFDsnj39qcmjlXJDOIV8Ubs1Z+71cfOAtZFNCbJRom++iMsBuTCYoeeHeXlpC5szQA==',
          ],
        ],
        body: '{"id":"EV-1","event_type":"TRANSACTION.SUCCESS","summary":"支付成功"}',
        key: PUBLIC_KEY,
        at: 1767225605,
      },
      {
        why: 'SHA-1',
        headers: [
          ['Wechatpay-Serial', '5157F09EFDC096DE15EBE81A47057A7232F1B8E1'],
          ['Wechatpay-Timestamp', '1767225600'],
          ['Wechatpay-Nonce', 'd824f2e086d3c1df967785d13fcd22ef'],
          [
            'Wechatpay-Signature',
            'h3E/25SXjyOSgwEPd1XNNL2L8HrFJXKvXORc17MXdQa3SHDbloV1PFPo39aSdE4AbtX4Cy/DbNRrlifdgE98I6+RF+29QyHfWwy2Q/6b27xgeA8Mh74Xn+Aw8S5L8SaZR0AXI3iz+J3P3qMaY0gMnbD98KXPaRAZcJm7ckOdNVtIXbwLoQXE48tzH/vDBK8D2GlOL+zRXmKvmI+8E3Faqn87PV4uOdeVkG3VX1rMr31AgwvCG5SqWnrETHGnMLQ7Yajwyk+PiGxhofXKnrqrXEEj8zbGiSgnTXJxkUvpHzi63Et98j8sJJzeg00uZMMdBj41oS+9BUQX1LVuc2hNpA==',
          ],
        ],
        body: '{"id":"EV-1","event_type":"TRANSACTION.SUCCESS","summary":"支付成功"}',
        key: PUBLIC_KEY,
        at: 1767225605,
      },
      {
        why: 'no signature',
        headers: [
          ['Wechatpay-Serial', '5157F09EFDC096DE15EBE81A47057A7232F1B8E1'],
          ['Wechatpay-Timestamp', '1767225600'],
          ['Wechatpay-Nonce', 'd824f2e086d3c1df967785d13fcd22ef'],
        ],
        body: '{"id":"EV-1","event_type":"TRANSACTION.SUCCESS","summary":"支付成功"}',
        key: PUBLIC_KEY,
        at: 1767225605,
      },
      {
        why: 'a probe of WeChat Pay’s',
        headers: [
          ['Wechatpay-Serial', '5157F09EFDC096DE15EBE81A47057A7232F1B8E1'],
          ['Wechatpay-Timestamp', '1767225600'],
          ['Wechatpay-Nonce', 'd824f2e086d3c1df967785d13fcd22ef'],
          [
            'Wechatpay-Signature',
            'WECHATPAY/SIGNTEST/LLMbvOHLI2+mTqhR7qSK1GJplqjBcOdLW4WnLyGhlsOCC4KyASR/jdE6xUsPdAYJukzUXUOxKDvYp67S2jdp1a+2XqH+JCdFoQok',
          ],
        ],
        body: '{"id":"EV-1","event_type":"TRANSACTION.SUCCESS","summary":"支付成功"}',
        key: PUBLIC_KEY,
        at: 1767225605,
      },
      {
        why: 'one second too old',
        headers: HEADERS,
        body: '{"id":"EV-1","event_type":"TRANSACTION.SUCCESS","summary":"支付成功"}',
        key: PUBLIC_KEY,
        at: 1767225901,
      },
      {
        why: 'one second too early',
        headers: HEADERS,
        body: '{"id":"EV-1","event_type":"TRANSACTION.SUCCESS","summary":"支付成功"}',
        key: PUBLIC_KEY,
        at: 1767225299,
      },
    ],
  },
})
