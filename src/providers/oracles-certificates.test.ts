/**
 * Senders whose certificate is named by the request. The certificates are fixtures, signed by themselves; what the engine
 * would fetch comes through its `remote` argument, and what `sns-validator` would fetch through a stand-in for `https.get`.
 */
import { sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import https from 'node:https'
import { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import MessageValidator from 'sns-validator'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { describeFrozen, flip, NOW, send, TRICKY, verdict } from '../../test/support/oracle.ts'
import type { Remote } from './remote.ts'

const fixture = (name: string) => readFileSync(new URL(`../../test/fixtures/keys/${name}`, import.meta.url), 'utf8')
const CERTIFICATE = fixture('test-sender-certificate.pem')
const PRIVATE_KEY = fixture('test-sender-key.pem')
const STRANGERS_CERTIFICATE = fixture('test-stranger-certificate.pem')
const STRANGERS_KEY = fixture('test-stranger-key.pem')

/** Serves these addresses and no others. */
function serving(texts: Readonly<Record<string, string>>): Remote {
  return ({ url }) => {
    const text = texts[url]
    return text === undefined ? { ok: false, why: 'refused' } : { ok: true, text }
  }
}

describeFrozen('sns-validator and aws-sns', () => {
  const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:postern-sample'
  const HOST = 'https://sns.eu-central-1.amazonaws.com'
  const served = {
    [`${HOST}/SimpleNotificationService-test.pem`]: CERTIFICATE,
    [`${HOST}/SimpleNotificationService-sample.pem`]: CERTIFICATE,
    [`${HOST}/SimpleNotificationService-stranger.pem`]: STRANGERS_CERTIFICATE,
  }

  type Message = Readonly<Record<string, string>>
  const notification: Message = {
    Type: 'Notification',
    MessageId: 'm-1',
    TopicArn: TOPIC,
    Subject: 'Grüße 👋',
    Message: TRICKY,
    Timestamp: '2027-01-01T00:00:00.000Z',
    SignatureVersion: '2',
    SigningCertURL: `${HOST}/SimpleNotificationService-test.pem`,
    UnsubscribeURL: `${HOST}/?Action=Unsubscribe`,
  }
  const { Subject: _, UnsubscribeURL: __, ...withoutSubject } = notification
  const confirmation: Message = {
    ...withoutSubject,
    Type: 'SubscriptionConfirmation',
    Token: 'token-1',
    SubscribeURL: `${HOST}/?Action=ConfirmSubscription&Token=token-1`,
  }
  const NOTIFICATION_NAMES = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
  const CONFIRMATION_NAMES = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']
  /** "How to verify" of the AWS documentation, without either of the two programs that are judged here. */
  const signed = (message: Message, key = PRIVATE_KEY, names = namesOf(message)): Message => {
    const lines = names.flatMap((name) => (message[name] === undefined ? [] : [`${name}\n${message[name]}\n`]))
    const digest = message['SignatureVersion'] === '1' ? 'sha1' : 'sha256'
    return { ...message, Signature: sign(digest, Buffer.from(lines.join('')), key).toString('base64') }
  }
  const namesOf = ({ Type }: Message) => (Type === 'Notification' ? NOTIFICATION_NAMES : CONFIRMATION_NAMES)

  const ours = (message: unknown, more: { now?: number; remote?: Remote; topic?: string } = {}) =>
    verdict(
      'aws-sns',
      { headers: [['Content-Type', 'text/plain; charset=UTF-8']], body: JSON.stringify(message) },
      more.topic ?? TOPIC,
      { remote: more.remote ?? serving(served), ...(more.now === undefined ? {} : { now: more.now }) },
    )
  const theirs = (message: unknown) =>
    new Promise<boolean>((resolve) => {
      new MessageValidator().validate(JSON.stringify(message), (error) => resolve(error === null))
    })

  const asked: string[] = []
  beforeAll(() => {
    vi.spyOn(https, 'get').mockImplementation(((url: string, done: (response: unknown) => void) => {
      asked.push(url)
      const text = Object.entries(served).find(([address]) => address === url)?.[1]
      done(Object.assign(Readable.from([text ?? '']), { statusCode: text === undefined ? 404 : 200 }))
      return { on: () => {} }
    }) as unknown as typeof https.get)
  })
  afterAll(() => {
    vi.restoreAllMocks()
  })

  test.each([
    ['a notification', notification],
    ['one without a subject', withoutSubject],
    ['a confirmation', confirmation],
    ['a notification of version 1', { ...notification, SignatureVersion: '1' }],
    ['a confirmation of version 1', { ...confirmation, SignatureVersion: '1' }],
  ])('%s: both accept', async (_, message) => {
    const whole = signed(message)
    expect(await theirs(whole)).toBe(true)
    expect(ours(whole)).toBe('accepted')
  })

  test('what we sign it accepts', async () => {
    const { request } = send('aws-sns', { key: { signing: PRIVATE_KEY, verifying: TOPIC } })
    const message = JSON.parse(request.body.toString())
    expect(await theirs(message)).toBe(true)
    expect(ours(message)).toBe('accepted')
  })

  test.each<[string, Message, Message, string]>([
    ['the message', notification, { Message: `${TRICKY} ` }, 'signature_mismatch'],
    ['the topic', notification, { TopicArn: `${TOPIC}2` }, 'requirement_failed'],
    ['the subject', notification, { Subject: 'Grüße' }, 'signature_mismatch'],
    ['the time', notification, { Timestamp: '2027-01-01T00:00:01.000Z' }, 'signature_mismatch'],
    ['the token', confirmation, { Token: 'token-2' }, 'signature_mismatch'],
    ['the address to confirm at', confirmation, { SubscribeURL: 'https://elsewhere.example/' }, 'signature_mismatch'],
    ['the kind of message', notification, { Type: 'SubscriptionConfirmation' }, 'content_incomplete'],
    ['the version of the signature', notification, { SignatureVersion: '1' }, 'signature_mismatch'],
    ['a version that does not exist', notification, { SignatureVersion: '3' }, 'requirement_failed'],
  ])('%s changed after signing: both refuse', async (_, message, change, reason) => {
    const whole = { ...signed(message), ...change }
    expect(await theirs(whole)).toBe(false)
    expect(ours(whole)).toBe(reason)
  })

  test('a signature changed, or made by a stranger: both refuse', async () => {
    const whole = signed(notification)
    for (const bad of [
      { ...whole, Signature: flip(whole['Signature'] ?? '') },
      signed(notification, STRANGERS_KEY),
      { ...whole, SigningCertURL: `${HOST}/SimpleNotificationService-stranger.pem` },
    ]) {
      expect(await theirs(bad)).toBe(false)
      expect(ours(bad)).toBe('signature_mismatch')
    }
  })

  test.each([
    'https://sns.eu-central-1.amazonaws.com.evil.example/x.pem',
    'https://evil.example/sns.eu-central-1.amazonaws.com/x.pem',
    'http://sns.eu-central-1.amazonaws.com/x.pem',
    'https://sns.eu-central-1.amazonaws.com:8443/x.pem',
    'https://sns.eu-central-1.amazonaws.com/x.der',
    'https://s3.eu-central-1.amazonaws.com/x.pem',
  ])('a certificate at %s: both refuse, and neither asks for it', async (url) => {
    const whole = signed({ ...notification, SigningCertURL: url })
    const before = asked.length
    expect(await theirs(whole)).toBe(false)
    expect(asked.length).toBe(before)
    const ask = vi.fn(() => undefined)
    expect(ours(whole, { remote: ask })).toBe('key_source_refused')
    expect(ask).not.toHaveBeenCalled()
  })

  test('a user name before the host: the library asks the host; here it is key_source_refused', async () => {
    const url = `${HOST.replace('https://', 'https://user@')}/SimpleNotificationService-test.pem`
    const before = asked.length
    await theirs(signed({ ...notification, SigningCertURL: url }))
    expect(asked.slice(before)).toEqual([url])
    expect(ours(signed({ ...notification, SigningCertURL: url }))).toBe('key_source_refused')
  })

  test('another account’s topic: the library accepts it; here the topic is pinned', async () => {
    const whole = signed({ ...notification, TopicArn: 'arn:aws:sns:eu-central-1:999999999999:theirs' })
    expect(await theirs(whole)).toBe(true)
    expect(ours(whole)).toBe('requirement_failed')
  })

  test('a certificate past its end: the library accepts it; here it is certificate_expired', async () => {
    const whole = signed(notification)
    const later = Date.UTC(2200, 0, 1)
    vi.setSystemTime(later)
    expect(await theirs(whole)).toBe(true)
    expect(ours(whole, { now: later })).toBe('certificate_expired')
    vi.setSystemTime(NOW)
  })

  test('a SubscribeURL that is signed into a notification counts for the library, and for AWS and us it does not', async () => {
    const message = { ...notification, SubscribeURL: 'https://elsewhere.example/' }
    const asLibrary = signed(message, PRIVATE_KEY, [...NOTIFICATION_NAMES, 'SubscribeURL'].sort())
    expect(await theirs(asLibrary)).toBe(true)
    expect(ours(asLibrary)).toBe('signature_mismatch')
    const asDocumented = signed(message)
    expect(await theirs(asDocumented)).toBe(false)
    expect(ours(asDocumented)).toBe('accepted')
  })

  describe('UnsubscribeConfirmation', () => {
    const message = { ...confirmation, Type: 'UnsubscribeConfirmation' }

    test('signed as AWS documents it, token included: the library refuses it; here it is accepted', async () => {
      const whole = signed(message)
      expect(await theirs(whole)).toBe(false)
      expect(ours(whole)).toBe('accepted')
    })

    test('signed over the fields of a notification and its SubscribeURL: the library accepts it; here it is refused', async () => {
      const names = [...NOTIFICATION_NAMES, 'SubscribeURL'].sort()
      const whole = signed(message, PRIVATE_KEY, names)
      expect(await theirs(whole)).toBe(true)
      expect(await theirs({ ...whole, Token: 'token-2' })).toBe(true)
      expect(ours(whole)).toBe('signature_mismatch')
    })
  })
})

/** PayPal’s own libraries leave the check to its API, so this one is made from its documentation and zlib’s CRC-32. */
describeFrozen('paypal, by its documentation', () => {
  const WEBHOOK_ID = '8PT597110X687430LKGECATA'
  const CERTIFICATE_URL = 'https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-test'
  const remote = serving({ [CERTIFICATE_URL]: CERTIFICATE })
  const request = (change: Readonly<Record<string, string>> = {}, body = TRICKY, key = PRIVATE_KEY) => {
    const id = '69cd13f0-d67a-11e5-baa3-778b53f4ae55'
    const time = '2027-01-01T00:00:00Z'
    const content = `${id}|${time}|${WEBHOOK_ID}|${crc32(body)}`
    const headers = {
      'PAYPAL-TRANSMISSION-ID': id,
      'PAYPAL-TRANSMISSION-TIME': time,
      'PAYPAL-CERT-URL': CERTIFICATE_URL,
      'PAYPAL-AUTH-ALGO': 'SHA256withRSA',
      'PAYPAL-TRANSMISSION-SIG': sign('sha256', Buffer.from(content), key).toString('base64'),
    }
    return { headers: Object.entries({ ...headers, ...change }), body }
  }
  const ours = (received: ReturnType<typeof request>, key = WEBHOOK_ID) => verdict('paypal', received, key, { remote })

  test('checksums small, large and of nothing are the unsigned decimal that zlib counts', () => {
    expect(crc32('a')).toBeGreaterThan(0x7fffffff)
    for (const body of [TRICKY, 'a', '', '{}', 'x'.repeat(100_000)]) expect(ours(request({}, body))).toBe('accepted')
  })

  test('what we sign verifies under the certificate as the documentation has it', () => {
    const sent = send('paypal', {
      key: { signing: PRIVATE_KEY, verifying: WEBHOOK_ID },
      body: TRICKY,
      settings: { webhookId: WEBHOOK_ID },
    })
    const { headers } = sent.request
    const named = Object.fromEntries(headers)
    const certificates = serving({ [named['PAYPAL-CERT-URL'] ?? '']: CERTIFICATE })
    expect(verdict('paypal', sent.request, WEBHOOK_ID, { remote: certificates })).toBe('accepted')
  })

  test.each<[string, ReturnType<typeof request>, string]>([
    ['another body', { ...request(), body: `${TRICKY} ` }, 'signature_mismatch'],
    ['another time', request({ 'PAYPAL-TRANSMISSION-TIME': '2027-01-01T00:00:01Z' }), 'signature_mismatch'],
    ['another id', request({ 'PAYPAL-TRANSMISSION-ID': '69cd13f0-d67a-11e5-baa3-778b53f4ae56' }), 'signature_mismatch'],
    ['another algorithm', request({ 'PAYPAL-AUTH-ALGO': 'SHA1withRSA' }), 'requirement_failed'],
    ['a stranger’s signature', request({}, TRICKY, STRANGERS_KEY), 'signature_mismatch'],
    ['a certificate that is not there', request({ 'PAYPAL-CERT-URL': `${CERTIFICATE_URL}2` }), 'key_unknown'],
    ['a host that ends alike', request({ 'PAYPAL-CERT-URL': 'https://evilapi.paypal.com/x' }), 'key_source_refused'],
    [
      'a host that starts alike',
      request({ 'PAYPAL-CERT-URL': 'https://api.paypal.com.evil.example/x' }),
      'key_source_refused',
    ],
    [
      'a user name before the host',
      request({ 'PAYPAL-CERT-URL': 'https://api.paypal.com@evil.example/x' }),
      'key_source_refused',
    ],
    ['no https', request({ 'PAYPAL-CERT-URL': 'http://api.paypal.com/x' }), 'key_source_refused'],
  ])('%s: refused', (_, received, reason) => {
    expect(ours(received)).toBe(reason)
  })

  test('another webhook of the same account is refused', () => {
    expect(ours(request(), '8PT597110X687430LKGECATB')).toBe('signature_mismatch')
  })
})
