import { createHmac, createSecretKey } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { newId } from '../base/model/ids.ts'
import { readPayload } from './body.ts'
import { allowedMethods, type Handshake } from './definition.ts'
import { answerHandshake, type HandshakeContext } from './handshake.ts'
import type { Verified } from './outcome.ts'
import { findProvider } from './registry.ts'

const VERIFIED: Verified = {
  ok: true,
  scheme: 's',
  keyId: newId(),
  coverage: 'body',
  covers: { body: true, url: false, headers: [], members: [], fields: [] },
  content: 'body',
}
const ACTIVE: HandshakeContext = { status: 'active', settings: {} }

interface Greeting {
  readonly method?: string
  readonly query?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
}

function answer(
  handshakes: readonly Handshake[],
  greeting: Greeting,
  context: HandshakeContext,
  verified: Verified | undefined,
) {
  const body = Buffer.from(greeting.body ?? '')
  const payload = readPayload({ payload: [{ kind: 'json' }, { kind: 'empty' }] }, undefined, body)
  const { method = 'POST', query = '', headers = [] } = greeting
  const request = { method, url: `https://a.example/in?${query}`, headers, body }
  return answerHandshake({ handshakes }, request, payload.ok ? payload : undefined, context, verified)
}
const greet = (handshakes: readonly Handshake[], greeting: Greeting, context = ACTIVE) =>
  answer(handshakes, greeting, context, VERIFIED)
const unsigned = (handshakes: readonly Handshake[], greeting: Greeting, context = ACTIVE) =>
  answer(handshakes, greeting, context, undefined)
const of = (id: string) => findProvider(id)!.handshakes ?? []

describe('built-in providers', () => {
  const challenge = {
    body: '{"type":"url_verification","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}',
  }

  test('slack: the challenge comes back as plain text, after verification only', () => {
    expect(greet(of('slack'), challenge)).toMatchObject({
      status: 200,
      body: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P',
      headers: [
        ['Content-Type', 'text/plain; charset=utf-8'],
        ['X-Content-Type-Options', 'nosniff'],
      ],
    })
    expect(unsigned(of('slack'), challenge)).toBeUndefined()
    expect(greet(of('slack'), { body: '{"type":"event_callback"}' })).toBeUndefined()
  })

  test('slack: no challenge, or one too long, is a bad request and reflects nothing', () => {
    for (const text of ['', 'x'.repeat(513)]) {
      expect(greet(of('slack'), { body: JSON.stringify({ type: 'url_verification', challenge: text }) })).toMatchObject(
        { status: 400, body: '' },
      )
    }
  })

  test('discord: pings are answered, and a webhook event, which is of type 1 too, is an event', () => {
    expect(greet(of('discord'), { body: '{"version":1,"type":0}' })).toMatchObject({ status: 204, body: '' })
    expect(greet(of('discord'), { body: '{"id":"1","type":1,"token":"t"}' })).toMatchObject({
      status: 200,
      body: '{"type":1}',
    })
    expect(
      greet(of('discord'), { body: '{"version":1,"type":1,"event":{"type":"APPLICATION_AUTHORIZED"}}' }),
    ).toBeUndefined()
    expect(greet(of('discord'), { body: '{"type":2}' })).toBeUndefined()
    expect(unsigned(of('discord'), { body: '{"type":0}' })).toBeUndefined()
  })

  test('github: a ping is answered; an event relabelled as ping in the unsigned header stays an event', () => {
    const headers = [['x-github-event', 'ping']] as const
    expect(greet(of('github'), { headers, body: '{"zen":"Keep it logically awesome."}' })).toMatchObject({
      status: 200,
      body: '',
    })
    expect(greet(of('github'), { headers, body: '{"action":"deleted"}' })).toBeUndefined()
    expect(unsigned(of('github'), { headers, body: '{"zen":"x"}' })).toBeUndefined()
  })
})

describe('what other providers need can be said', () => {
  const subscribe: Handshake = {
    name: 'subscribe',
    when: { methods: ['GET'], match: { 'query:hub.mode': 'subscribe' } },
    signed: false,
    check: [{ value: { from: 'query:hub.verify_token' }, equals: { setting: 'verifyToken' } }],
    respond: { status: 200, text: { from: 'query:hub.challenge' } },
  }
  const context: HandshakeContext = {
    status: 'active',
    settings: { verifyToken: 'meatyhamhock', allowedOrigins: 'a.example, b.example' },
    key: createSecretKey(Buffer.from('consumer-secret')),
  }

  test('a GET challenge with a verify token; markup in it comes back as text', () => {
    const query = (token: string) => `hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token=${token}`
    expect(unsigned([subscribe], { method: 'GET', query: query('meatyhamhock') }, context)).toMatchObject({
      status: 200,
      body: '<script>',
    })
    expect(unsigned([subscribe], { method: 'GET', query: query('wrong') }, context)).toMatchObject({
      status: 403,
      body: '',
    })
    expect(unsigned([subscribe], { method: 'GET', query: query('') }, context)).toMatchObject({ status: 403 })
    expect(unsigned([subscribe], { method: 'GET', query: query('meatyhamhock') })).toMatchObject({ status: 403 })
    expect(unsigned([subscribe], { method: 'POST', query: query('meatyhamhock') }, context)).toBeUndefined()
  })

  test('a signed response token, nested JSON, and nothing without a key', () => {
    const crc: Handshake = {
      name: 'crc',
      when: { methods: ['GET'], match: { 'query:crc_token': true } },
      signed: false,
      respond: {
        status: 200,
        json: {
          object: {
            response_token: {
              join: [{ text: 'sha256=' }, { hmac: 'sha256', encoding: 'base64', of: [{ from: 'query:crc_token' }] }],
            },
          },
        },
      },
    }
    const token = '9b4507b3-9040-4669-9ca3-6b94edb50553'
    const expected = createHmac('sha256', 'consumer-secret').update(token).digest('base64')
    expect(unsigned([crc], { method: 'GET', query: `crc_token=${token}` }, context)?.body).toBe(
      `{"response_token":"sha256=${expected}"}`,
    )
    expect(unsigned([crc], { method: 'GET', query: `crc_token=${token}` })).toMatchObject({ status: 400, body: '' })
  })

  test('OPTIONS with an allowed origin, echoed into a header and never beyond it', () => {
    const abuse: Handshake = {
      name: 'abuse-protection',
      when: { methods: ['OPTIONS'] },
      signed: false,
      check: [{ value: { from: 'header:WebHook-Request-Origin' }, inSetting: 'allowedOrigins' }],
      respond: {
        status: 200,
        headers: { 'WebHook-Allowed-Origin': { from: 'header:WebHook-Request-Origin' }, Allow: { text: 'POST' } },
      },
    }
    const from = (origin: string) =>
      unsigned([abuse], { method: 'OPTIONS', headers: [['webhook-request-origin', origin]] }, context)
    expect(from('b.example')).toMatchObject({
      status: 200,
      headers: [
        ['WebHook-Allowed-Origin', 'b.example'],
        ['Allow', 'POST'],
      ],
    })
    expect(from('c.example')).toMatchObject({ status: 403 })
    expect(from('')).toMatchObject({ status: 403 })
    const open: Handshake = { ...abuse, check: [] }
    const split = unsigned(
      [open],
      { method: 'OPTIONS', headers: [['WebHook-Request-Origin', 'a\r\nSet-Cookie: x']] },
      context,
    )
    expect(split).toEqual({ name: 'abuse-protection', status: 400, headers: [], body: '' })
    expect(allowedMethods({ ...findProvider('acme')!, handshakes: [abuse, subscribe] })).toEqual([
      'POST',
      'OPTIONS',
      'GET',
    ])
  })

  test('a secret is captured while the integration is pending and never over a stored one', () => {
    const capture: Handshake = {
      name: 'x-hook-secret',
      when: { methods: ['POST'], match: { 'header:X-Hook-Secret': true } },
      signed: false,
      capture: { name: 'secret', value: { from: 'header:X-Hook-Secret' } },
      respond: { status: 200, headers: { 'X-Hook-Secret': { from: 'header:X-Hook-Secret' } } },
    }
    const greeting = { headers: [['X-Hook-Secret', 'b537']] as const, body: '{}' }
    expect(unsigned([capture], greeting, { ...context, status: 'pending' })).toMatchObject({
      status: 200,
      capture: { name: 'secret', value: 'b537' },
    })
    expect(unsigned([capture], greeting, context)).toBeUndefined()
    expect(greet([capture], greeting, { ...context, status: 'disabled' })).toBeUndefined()
  })
})
