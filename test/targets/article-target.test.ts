/** The article's Flask code: what its abuse and its remedy allow, and what the corrected code does not. */
import { createHmac, randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { httpFarSide } from '../support/far-side.ts'
import { ask, effectsOf, type Reply } from './plain-requests.ts'
import { describeTarget, type Target } from './start-target.ts'
import { started } from './started.ts'

interface Sent {
  readonly path: string
  readonly json: Readonly<Record<string, unknown>>
  readonly signed?: boolean | undefined
  readonly shift?: number
}

function send(target: Target, { path, json, signed = true, shift = 0 }: Sent): Promise<Reply> {
  const body = JSON.stringify(json)
  return post(target, path, body, signed ? signatures(target, body, shift) : {})
}

function post(target: Target, path: string, body: string, headers: Readonly<Record<string, string>>): Promise<Reply> {
  return ask(target, { method: 'POST', path, body, headers: { 'content-type': 'application/json', ...headers } })
}

/** The remedy signs the body alone, the corrected code the time, too. */
function signatures(target: Target, body: string, shift: number): Readonly<Record<string, string>> {
  const stamp = String(Math.floor(Date.now() / 1000) + shift)
  const hmac = (text: string) => createHmac('sha256', target.secret).update(text).digest('hex')
  const isCorrected = target.settings['ARTICLE'] === 'corrected'
  return isCorrected
    ? { 'x-webhook-timestamp': stamp, 'x-webhook-signature': hmac(`${stamp}.${body}`) }
    : { 'x-webhook-signature': hmac(body) }
}

function anEvent(more: object = {}) {
  const id = `evt-${randomUUID()}`
  return { id, json: { id, user_id: '1', callback_url: 'https://hooks.example.com/x', ...more } }
}

describeTarget('article', () => {
  describe('as it shows the abuse', () => {
    const target = started('article', { settings: { ARTICLE: 'abuse' } })

    test.each(['signed', 'event', 'user', 'callback', 'redirect'])('%s: anybody has an effect', async (name) => {
      const { id, json } = anEvent({ redirect_url: 'https://hooks.example.com/' })
      await send(target(), { path: `/webhooks/${name}`, json, signed: false })
      expect(await effectsOf(target(), id)).toBe(1)
    })

    test('a URL of the payload is fetched and redirected to', async () => {
      await using listener = await httpFarSide()
      const { json } = anEvent({ callback_url: listener.url, redirect_url: listener.url })
      await send(target(), { path: '/webhooks/callback', json, signed: false })
      const { headers } = await send(target(), { path: '/webhooks/redirect', json, signed: false })
      expect({ fetched: listener.requests.length, location: headers.location }).toEqual({
        fetched: 1,
        location: listener.url,
      })
    })
  })

  describe('as it shows the remedy', () => {
    const target = started('article', { settings: { ARTICLE: 'remedy' } })

    test('forgeries are refused, and a missing signature is an error of the server', async () => {
      const { json } = anEvent()
      const forged = await post(target(), '/webhooks/signed', JSON.stringify(json), { 'x-webhook-signature': 'ab' })
      const missing = await send(target(), { path: '/webhooks/signed', json, signed: false })
      expect([forged.status, missing.status]).toEqual([401, 500])
    })

    test('the same signed request has its effect twice', async () => {
      const { id, json } = anEvent()
      for (let copy = 0; copy < 2; copy += 1) await send(target(), { path: '/webhooks/signed', json })
      expect(await effectsOf(target(), id)).toBe(2)
    })

    test('the event that is told by its id is anybody’s to send', async () => {
      const { id, json } = anEvent()
      for (let copy = 0; copy < 2; copy += 1) await send(target(), { path: '/webhooks/event', json, signed: false })
      expect(await effectsOf(target(), id)).toBe(1)
    })
  })

  describe('as corrected', () => {
    const target = started('article', { settings: { ARTICLE: 'corrected' } })

    test.each([
      'signed',
      'event',
      'user',
      'callback',
      'redirect',
    ])('%s: a genuine event has one effect', async (name) => {
      const { id, json } = anEvent()
      const replies = []
      for (let copy = 0; copy < 2; copy += 1) replies.push(await send(target(), { path: `/webhooks/${name}`, json }))
      expect(replies.map(({ status }) => status)).toEqual([200, 200])
      expect(await effectsOf(target(), id)).toBe(1)
    })

    test.each([
      'signed',
      'event',
      'user',
      'callback',
      'redirect',
    ])('%s: forged, stale, early or foreign has none', async (name) => {
      const path = `/webhooks/${name}`
      const event = anEvent()
      const foreign = anEvent({
        user_id: '2',
        callback_url: 'http://169.254.169.254/',
        redirect_url: 'https://x.example/',
      })
      const statuses = [
        await send(target(), { path, json: event.json, signed: false }),
        await send(target(), { path, json: event.json, shift: -86_400 }),
        await send(target(), { path, json: event.json, shift: 86_400 }),
        await post(target(), path, JSON.stringify(event.json), {
          'x-webhook-signature': 'ü',
          'x-webhook-timestamp': '1',
        }),
      ].map(({ status }) => status)
      const { headers } = await send(target(), { path, json: foreign.json })

      expect(statuses).toEqual([401, 401, 401, 401])
      expect(headers.location).toBeUndefined()
      expect(await effectsOf(target(), event.id)).toBe(0)
      if (name === 'user' || name === 'callback') expect(await effectsOf(target(), foreign.id)).toBe(0)
    })

    test('what cannot be read is refused', async () => {
      const bodies = [
        '{"id":',
        '[]',
        '{}',
        '{"id":1}',
        `${'['.repeat(50_000)}`,
        '{"id":"\\ud800"}',
        'x'.repeat(2_000_000),
      ]
      const replies = bodies.map((body) => post(target(), '/webhooks/signed', body, signatures(target(), body, 0)))
      expect((await Promise.all(replies)).map(({ status }) => status)).toEqual([400, 422, 422, 422, 400, 422, 413])
    })
  })
})
