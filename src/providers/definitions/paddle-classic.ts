import { defineProvider } from '../definition.ts'

const PUBLIC_KEY =
  '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAjNc/LkOvMKl0utmwqNIT\nDoPON1KJGM56/6W73F5+g8R96K8SN9u5QDdeDHvKS59IAz7brCl9/+ABO4sHf6Dw\nrubqsGDG795eH0pPlnrOCqMX7ln4dEp4n7YDR1dD9zNnIzSad0dZ638P4XD5NZLd\nv9HA5jzFvoCrNuEnqQ8d2pO+onn5cSFlQPuTtOW/9hF0vFbqbPU532mKvwQOlux0\nv9B370PaBNZNUrAkVvzeJmaxOcUQJHNCevigUlxf2oG9+wcwVpK3wKi0KvfjxDG7\n8eFecMQbVN3w2rj3dVXBkFxwL+gwb9r4JChWyJTtYTPaN8gateSQuES09p5AHUEy\nLQIDAQAB\n-----END PUBLIC KEY-----\n'

export const paddleClassic = defineProvider({
  id: 'paddle-classic',
  name: 'Paddle Classic',
  category: 'billing',
  docs: 'https://developer.paddle.com/classic/reference',
  schemes: [
    {
      family: 'asymmetric',
      name: 'p_signature',
      algorithm: 'rsa-sha1',
      key: { format: 'spki' },
      signature: { form: 'p_signature', parse: { kind: 'raw' }, encoding: 'base64' },
      signed: [{ templates: ['{form:php}'] }],
    },
  ],
  keyForm: 'The account’s public key, PEM, from -----BEGIN to -----END.',
  setup: [
    'In Paddle Classic open Developer Tools, then Public Key, and paste the whole key here.',
    'Open Alerts / Webhooks and set this integration’s public URL as the URL for receiving webhook alerts.',
    'Tick the alerts to send and save; try one with Webhook simulator.',
  ],
  rotation:
    'The key belongs to the account. Should Paddle replace it, add the new one here as a second key; any active key may match.',
  payload: [{ kind: 'form' }],
  methods: ['POST'],
  event: {
    id: 'form:alert_id',
    type: 'form:alert_name',
    subject: 'form:subscription_id | form:order_id | form:checkout_id',
    occurredAt: 'form:event_time',
  },
  delivery: { success: '200', retries: 'repeated until answered 200; the schedule is not published' },
  pitfalls: [
    'SHA-1: for accounts that are still on Classic only. New accounts use Paddle Billing.',
    'What is signed is PHP’s serialisation of the decoded fields, every value a string, sorted by name.',
    'Nothing in the signature says when it was made; only alert_id keeps a captured request from counting twice.',
    'Sandbox and live accounts have different keys.',
  ],
  sample: {
    type: 'payment_succeeded',
    contentType: 'application/x-www-form-urlencoded',
    body: 'alert_id={{id}}&alert_name={{type}}&event_time=2026-01-01+00%3A00%3A00&order_id=1-1&currency=EUR&sale_gross=19.99&email=jon%40example.com&passthrough=',
  },
  vectors: {
    accepted: [
      {
        why: 'fields out of order, the signature among them',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'earnings=17.99&p_signature=c%2FZDTDGDSGlrhkQmeAZVuUp3xGh1mhDooLa4SZkBxyUa%2FcQFq42yAiJpNhSjx7xoHw2WMGcTwy%2BkWsRhVor3tvxyjOQRDJY88Smaqo16VyGvLafTZgLbeCpmJrXw4jmUJZsnzp7wi6NnSC82bF5xtVh0MuOLZIcEby%2Fk%2FN%2BVqDZ3uD2YjnJzUa8bUkQrIJb6Q%2BRERqvpExkuozKeww9W74bC%2BpTKT8eVQ4QJ2Saov%2BAsUaYMdlc7tX8%2FORthMlLR6oYWEDywp7lJEPLCcMaD5%2BZHdJgZoDKivtXdVegz6751vrDIe7H5whxfw84GVvqk2j1grQDF0ppHcdW9%2FnxJ7A%3D%3D&alert_name=payment_succeeded&alert_id=1001',
        key: PUBLIC_KEY,
      },
      {
        why: 'UTF-8 counted in bytes, an empty value, text that looks like a replacement pattern',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'alert_id=1001&alert_name=payment_succeeded&customer_name=Jos%C3%A9+%26+S%C3%B8n+%24%26&earnings=17.99&passthrough=&event_time=2026-01-01+00%3A00%3A00&p_signature=dzb9NAd5oa9g3kuCYa9mLtLg7Y70CNIZrgDdVZECZepWAcPzXN2FsUF1G5iYLo3iuRuI1hCdznh%2Fj2SPWBpex3K8gz%2BpGBS7ON%2BRwfNOPXKgDqtzsYRA%2BhXeRHl%2FsNlsr3r9oM9ujmQ5wUv9szG4b9%2FsIW1yc7a6kdhVxawFfEOFdIH4ZKbNsgSFJ01iVwHPJxG33Re6lEY9HLn6i%2FBHYRg5gx1Q7PGV7OmbRuy%2FckFh13LUami4KETO%2BYEVX8GZTyjnmmGfa7qX8scNLIeMuGIoezjB6DDnZSoNYDG1vxvoS4wcEPPJegtEKKDkzESP3J0tuf31pNoonn5yjZfLiA%3D%3D',
        key: PUBLIC_KEY,
      },
    ],
    refused: [
      {
        why: 'one field changed',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'alert_id=1001&alert_name=payment_succeeded&earnings=99.99&p_signature=c%2FZDTDGDSGlrhkQmeAZVuUp3xGh1mhDooLa4SZkBxyUa%2FcQFq42yAiJpNhSjx7xoHw2WMGcTwy%2BkWsRhVor3tvxyjOQRDJY88Smaqo16VyGvLafTZgLbeCpmJrXw4jmUJZsnzp7wi6NnSC82bF5xtVh0MuOLZIcEby%2Fk%2FN%2BVqDZ3uD2YjnJzUa8bUkQrIJb6Q%2BRERqvpExkuozKeww9W74bC%2BpTKT8eVQ4QJ2Saov%2BAsUaYMdlc7tX8%2FORthMlLR6oYWEDywp7lJEPLCcMaD5%2BZHdJgZoDKivtXdVegz6751vrDIe7H5whxfw84GVvqk2j1grQDF0ppHcdW9%2FnxJ7A%3D%3D',
        key: PUBLIC_KEY,
      },
      {
        why: 'one field more',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'alert_id=1001&alert_name=payment_succeeded&earnings=17.99&extra=1&p_signature=c%2FZDTDGDSGlrhkQmeAZVuUp3xGh1mhDooLa4SZkBxyUa%2FcQFq42yAiJpNhSjx7xoHw2WMGcTwy%2BkWsRhVor3tvxyjOQRDJY88Smaqo16VyGvLafTZgLbeCpmJrXw4jmUJZsnzp7wi6NnSC82bF5xtVh0MuOLZIcEby%2Fk%2FN%2BVqDZ3uD2YjnJzUa8bUkQrIJb6Q%2BRERqvpExkuozKeww9W74bC%2BpTKT8eVQ4QJ2Saov%2BAsUaYMdlc7tX8%2FORthMlLR6oYWEDywp7lJEPLCcMaD5%2BZHdJgZoDKivtXdVegz6751vrDIe7H5whxfw84GVvqk2j1grQDF0ppHcdW9%2FnxJ7A%3D%3D',
        key: PUBLIC_KEY,
      },
      {
        why: 'lengths counted in characters',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'alert_id=1001&alert_name=payment_succeeded&customer_name=Jos%C3%A9+%26+S%C3%B8n+%24%26&earnings=17.99&passthrough=&event_time=2026-01-01+00%3A00%3A00&p_signature=gPeKQdF5%2F2Pf%2FT80rLawKDvMQII9%2For0s7rTx2NjXUabBwMNkAaMVNxG6UMrynvqlGoqDSfWmLI5%2FyY8%2FNf%2BvD5gP2IhviTNhHFfcDI05%2FEGgX2tlepr6H0b5%2B4Hj9Jy4xOeBHptvbN1kFsR5Z1wdGfoGjskYiu58036BLiuHLtoJOCg6V%2B1cOoq8iCLPZ4L2qhypdteUNoWIzm0RdNvMRpoFC25yRZ0ZCsAr0mjwbs4KNCIMEwmCRSdWJoAx6KZZnKFv2XGETAr9p6qDP3S25d896D52dplIka9s9lzfuQU3jHzcQ9RCwwJlZCk%2BV7ovZPsDvElYDXYj8xknaoesQ%3D%3D',
        key: PUBLIC_KEY,
      },
      {
        why: 'SHA-256',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'alert_id=1001&alert_name=payment_succeeded&earnings=17.99&p_signature=T6IRgsE51Zilfezc3giIZ%2BG07JDmdu8RgLP2iyNnD2AOmTx0%2Fp%2B4pfXskThs8K4Mlh4P00S8oahO0vLy6k1OfweBdmhr5PLV5xdWrT17kaalSFOLbUBvDZNZKxDhOdUcVhKiJ3pHMnmAH%2By7qmojwElicUOAOHS9sP5NXOuJx8fBW2qfeVaS0dHNcmIIi0gF%2FZEDi4dc%2BOSJuad4sx4KWpn%2FphfeQmKBwpTwQQQ3YcPxstkXfNrbj5PVsDdI7omd1ysITbuTw1j3PjneTP%2FVxBoskGTx6zNDEwVXczGcLTbH7ovcH8WXlNxA6sXQaVlOEIwRdMPlh02jXJEJp7ZhkQ%3D%3D',
        key: PUBLIC_KEY,
      },
      {
        why: 'signed over the body',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'alert_id=1001&alert_name=payment_succeeded&earnings=17.99&p_signature=N%2FQikQRNHh3SuJZZaocZp%2F%2BmXQMKl92tL5cukcNBJg4cyspknvLTirpwGDkFozfUQZSBVTTMgeiR86AIJ758VvFoP%2FwBeeC%2BqmUt%2FQJHPoFawa2UkAzLABs4BLpP8FGWC%2FFMqV1C1Y6XP%2BbJifkagMKny1P2o4%2B4Za2dDoNJbW4zqEYdVb1DN1YCkfTR4VfQxk1geuT56MR7wxXApozHNz%2BOYf2CUf8QkOSZJJjVLedAqNngntco6gCTMZSB3ihhIXddNuFc%2FZWTd3721%2FbOJg9Otpq75zYaMZ7tq5o%2BAkX4RzP821oaSSIqVcOZzXGzVX9yatstFXaqelbM8e6MIQ%3D%3D',
        key: PUBLIC_KEY,
      },
      {
        why: 'no signature',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'alert_id=1001&alert_name=payment_succeeded&earnings=17.99',
        key: PUBLIC_KEY,
      },
      {
        why: 'an empty signature',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'alert_id=1001&alert_name=payment_succeeded&earnings=17.99&p_signature=',
        key: PUBLIC_KEY,
      },
      {
        why: 'algorithm confusion: HMAC keyed with the public key',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'alert_id=1001&alert_name=payment_succeeded&earnings=17.99&p_signature=fChIv6ikEUT3ckH7JvdcZ%2BzM4RY%3D',
        key: PUBLIC_KEY,
      },
      {
        why: 'the signature came twice',
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: 'alert_id=1001&alert_name=payment_succeeded&earnings=17.99&p_signature=c%2FZDTDGDSGlrhkQmeAZVuUp3xGh1mhDooLa4SZkBxyUa%2FcQFq42yAiJpNhSjx7xoHw2WMGcTwy%2BkWsRhVor3tvxyjOQRDJY88Smaqo16VyGvLafTZgLbeCpmJrXw4jmUJZsnzp7wi6NnSC82bF5xtVh0MuOLZIcEby%2Fk%2FN%2BVqDZ3uD2YjnJzUa8bUkQrIJb6Q%2BRERqvpExkuozKeww9W74bC%2BpTKT8eVQ4QJ2Saov%2BAsUaYMdlc7tX8%2FORthMlLR6oYWEDywp7lJEPLCcMaD5%2BZHdJgZoDKivtXdVegz6751vrDIe7H5whxfw84GVvqk2j1grQDF0ppHcdW9%2FnxJ7A%3D%3D&p_signature=c%2FZDTDGDSGlrhkQmeAZVuUp3xGh1mhDooLa4SZkBxyUa%2FcQFq42yAiJpNhSjx7xoHw2WMGcTwy%2BkWsRhVor3tvxyjOQRDJY88Smaqo16VyGvLafTZgLbeCpmJrXw4jmUJZsnzp7wi6NnSC82bF5xtVh0MuOLZIcEby%2Fk%2FN%2BVqDZ3uD2YjnJzUa8bUkQrIJb6Q%2BRERqvpExkuozKeww9W74bC%2BpTKT8eVQ4QJ2Saov%2BAsUaYMdlc7tX8%2FORthMlLR6oYWEDywp7lJEPLCcMaD5%2BZHdJgZoDKivtXdVegz6751vrDIe7H5whxfw84GVvqk2j1grQDF0ppHcdW9%2FnxJ7A%3D%3D',
        key: PUBLIC_KEY,
      },
    ],
  },
})
