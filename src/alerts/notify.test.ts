/** Notifications from the queue to real servers on this machine. */
import { createHmac } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { freshDatabase, type TestDatabase } from '../../test/support/database.ts'
import { type HttpFarSide, httpFarSide, tcpFarSide } from '../../test/support/far-side.ts'
import { aDestination, anIntegration, openUnsealed, silent } from '../../test/support/flow.ts'
import type { ChannelKind } from '../base/model/alert.ts'
import { DEFAULT_TENANT, newId, type Uuid } from '../base/model/ids.ts'
import { openMailer } from '../resources/outbound/mail.ts'
import { type Outbound, openOutbound } from '../resources/outbound/request.ts'
import { type ChannelSettings, findAlertChannel, insertAlertChannel } from '../resources/store/alert-channels.ts'
import { dropQueued } from '../resources/store/alert-notifications.ts'
import { evaluateRules } from './evaluate.ts'
import { type NotifyOptions, sendQueued } from './notify.ts'
import type { ChannelSecrets } from './send.ts'
import { testChannel } from './test-channel.ts'

const MINUTE = 60_000
const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`
/** Means something to everybody who reads marks in text. */
const HOSTILE = '<!channel> *b* [x](http://evil.example) <at>all</at> <script>&amp; `c` \u202egnp'

let db: TestDatabase
let outbound: Outbound
let integration: Uuid
let clock: number
let sent: string[]
beforeAll(async () => {
  db = await freshDatabase()
  outbound = openOutbound({ ports: [443], allowHttp: false })
})
beforeEach(async () => {
  await db.query(`delete from alerts; delete from alert_channels; delete from alert_turns;
    delete from destinations; delete from integrations`)
  integration = await anIntegration(db)
  clock = Date.now()
  sent = []
})
afterAll(async () => {
  await outbound.close()
  await db[Symbol.asyncDispose]()
})

const tools = () => ({ outbound, mailer: openMailer({ ports: [] }), openChannel: openUnsealed, now: () => clock })
const options = (): NotifyOptions => ({
  ...tools(),
  db,
  log: silent,
  onSent: (channel, outcome) => sent.push(`${channel} ${outcome}`),
})
/** Both loops, once. */
const sendAll = async () => void (await Promise.all([sendQueued(options(), false), sendQueued(options(), true)]))
const later = (ms: number) => {
  clock += ms
}
const evaluate = () => evaluateRules({ db, log: silent, now: () => clock, onChange: () => undefined })

async function aChannel(
  kind: ChannelKind,
  secrets: ChannelSecrets,
  fields: { settings?: Partial<ChannelSettings>; ratePerHour?: number; allowCidrs?: readonly string[] } = {},
): Promise<Uuid> {
  const id = newId()
  await insertAlertChannel(db, {
    ...{ id, tenantId: DEFAULT_TENANT, kind, name: kind, status: 'active', rules: null },
    settings: { origin: 'http://far.example', ...fields.settings },
    sealed: Buffer.from(JSON.stringify(secrets)),
    allowCidrs: fields.allowCidrs ?? ['127.0.0.1/32'],
    ratePerHour: fields.ratePerHour ?? 60,
  })
  return id
}
const webhookTo = (far: { readonly url: string }, fields = {}) =>
  aChannel('webhook', { url: `${far.url}/hook`, signingSecret: SECRET }, fields)

/** One alert each, of a destination that was disabled. */
async function alertsOpened(count = 1, name = 'orders'): Promise<readonly Uuid[]> {
  const ids = []
  for (let n = 0; n < count; n++)
    ids.push(
      await aDestination(db, integration, {
        url: 'https://example.com/',
        status: 'disabled',
        columns: { disabled_reason: 'failing', name },
      }),
    )
  await evaluate()
  return ids
}
async function alertsResolved(): Promise<void> {
  await db.query("update destinations set status = 'active', disabled_reason = null")
  later(MINUTE)
  await evaluate()
}
const states = async () =>
  (await db.query('select transition, status, attempts, last_error from alert_notifications order by id')).rows
const bodiesOf = (far: HttpFarSide) => far.requests.map(({ body }) => JSON.parse(body.toString()))
const channelOf = async (id: Uuid) => (await findAlertChannel(db, DEFAULT_TENANT, id))!

describe('a webhook', () => {
  test('is told that an alert was opened and resolved, each once and signed', async () => {
    await using far = await httpFarSide()
    await webhookTo(far)
    await alertsOpened()
    await sendAll()
    await sendAll()
    await alertsResolved()
    await sendAll()
    const [opened, resolved] = bodiesOf(far)
    expect(far.requests).toHaveLength(2)
    expect(opened).toMatchObject({
      type: 'alert.opened',
      data: { kind: 'destination_disabled', title: 'orders was disabled', alertId: expect.stringMatching(/^alr_/) },
    })
    expect(resolved).toMatchObject({ type: 'alert.resolved', data: { alertId: opened.data.alertId } })
    for (const { headers, body } of far.requests) {
      const named = Object.fromEntries(
        headers.flatMap((name, index) => (index % 2 === 0 ? [[name.toLowerCase(), headers[index + 1]!]] : [])),
      )
      const [id, timestamp] = [named['webhook-id'], named['webhook-timestamp']]
      expect(id).toMatch(/^ntf_/)
      const expected = createHmac('sha256', Buffer.alloc(32, 3)).update(`${id}.${timestamp}.`).update(body)
      expect(named['webhook-signature']).toBe(`v1,${expected.digest('base64')}`)
      // And so says the reference library.
      if (Math.abs(Number(timestamp) * 1000 - Date.now()) < 4 * MINUTE)
        expect(() => new Webhook(SECRET).verify(body, named)).not.toThrow()
    }
    expect(await states()).toMatchObject([{ status: 'sent' }, { status: 'sent' }])
  })

  test('twenty senders at once send each notification once', async () => {
    await using far = await httpFarSide()
    await webhookTo(far)
    await webhookTo(far)
    await alertsOpened(5)
    await Promise.all(Array.from({ length: 20 }, () => sendQueued(options(), false)))
    await sendAll()
    expect(far.requests).toHaveLength(10)
    expect(new Set(far.requests.map(({ headers }) => headers[headers.indexOf('webhook-id') + 1])).size).toBe(10)
  })
})

describe('what is said', () => {
  test('in Slack means nothing but itself', async () => {
    await using far = await httpFarSide()
    await aChannel('slack', { url: `${far.url}/services/T/B/x` })
    await alertsOpened(1, HOSTILE)
    await sendAll()
    const [body] = bodiesOf(far)
    expect(body.text).toContain('&lt;!channel&gt;')
    for (const { text } of body.blocks) {
      expect(text.type).toBe('plain_text')
      expect(text.text.length).toBeLessThanOrEqual(3_000)
    }
    expect(JSON.stringify(body)).not.toMatch(/[<>]|\u202e/)
    expect(body.mrkdwn).toBe(false)
  })

  test('in Teams is text that no notation is read in', async () => {
    await using far = await httpFarSide()
    await aChannel('teams', { url: `${far.url}/workflows/x` })
    await alertsOpened(1, HOSTILE)
    await sendAll()
    const [{ type, attachments }] = bodiesOf(far)
    expect([type, attachments[0].contentType]).toEqual(['message', 'application/vnd.microsoft.card.adaptive'])
    const { body, msteams } = attachments[0].content
    // A mention needs an entity; a TextBlock or a FactSet would read Markdown.
    expect(msteams).toBeUndefined()
    expect(body.length).toBeGreaterThan(3)
    for (const block of body) {
      expect(block.type).toBe('RichTextBlock')
      for (const run of block.inlines) expect(run).toMatchObject({ type: 'TextRun', text: expect.any(String) })
    }
    expect(JSON.stringify(body)).not.toContain('\u202e')
  })

  test('by e-mail is plain text under one subject, whatever a thing is called', async () => {
    const letters: string[] = []
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, _, done) {
        let text = ''
        stream.on('data', (chunk: Buffer) => {
          text += chunk
        })
        stream.on('end', () => {
          letters.push(text)
          done()
        })
      },
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.server.address() as AddressInfo
    try {
      const settings = { from: 'postern@example.com', to: ['ops@example.com'], plaintext: true }
      await aChannel('email', { url: `smtp://127.0.0.1:${port}` }, { settings })
      await alertsOpened(1, 'x\r\nBcc: thief@example.com\r\n\r\n<b>html</b>')
      await sendAll()
      expect(letters).toHaveLength(1)
      const [head = '', ...rest] = letters[0]!.split('\r\n\r\n')
      expect(head).not.toMatch(/^bcc/im)
      expect(head).toMatch(/^content-type: text\/plain/im)
      expect(head).toMatch(/^subject: \[Postern\] x Bcc/im)
      expect(rest.join('')).toContain('Destination: ')
      expect(await states()).toMatchObject([{ status: 'sent' }])
    } finally {
      await new Promise<void>((resolve) => server.close(() => resolve()))
    }
  })
})

describe('a far side that fails', () => {
  test('is tried a bounded number of times, and that is seen', async () => {
    await using far = await httpFarSide((response) => response.writeHead(503).end('words of the far side'))
    const channel = await webhookTo(far)
    await alertsOpened()
    for (let turn = 0; turn < 10; turn++) {
      await sendAll()
      later(11 * MINUTE)
    }
    expect(far.requests).toHaveLength(5)
    expect(new Set(far.requests.map(({ headers }) => headers[headers.indexOf('webhook-id') + 1])).size).toBe(1)
    expect(await states()).toEqual([
      { transition: 'opened', status: 'failed', attempts: 5, last_error: 'http_error: 503' },
    ])
    expect(await channelOf(channel)).toMatchObject({ failures: 5, lastError: 'http_error: 503' })
    expect(sent).toEqual([...Array(4).fill('webhook retried'), 'webhook failed'])
  })

  test('is not told that it is over when it was never told that it began', async () => {
    await using far = await httpFarSide((response) => response.writeHead(404).end())
    await webhookTo(far)
    await alertsOpened()
    await sendAll()
    await alertsResolved()
    expect(await states()).toMatchObject([{ transition: 'opened', status: 'failed', attempts: 1 }])
  })

  test('is waited for with the news that it is over, until the news that it began is through', async () => {
    let well = false
    await using far = await httpFarSide((response) => response.writeHead(well ? 200 : 500).end())
    await webhookTo(far)
    await alertsOpened()
    await sendAll()
    await db.query("update destinations set status = 'active'")
    await db.query("update alert_turns set evaluated_at = '-infinity'")
    later(1_000)
    await evaluate()
    await sendAll()
    expect(far.requests).toHaveLength(1)
    well = true
    later(MINUTE)
    await sendAll()
    await sendAll()
    expect(bodiesOf(far).map(({ type }) => type)).toEqual(['alert.opened', 'alert.opened', 'alert.resolved'])
  })

  test('redirects: nobody follows', async () => {
    await using elsewhere = await httpFarSide()
    await using far = await httpFarSide((response) => response.writeHead(302, { location: elsewhere.url }).end())
    await webhookTo(far)
    await alertsOpened()
    await sendAll()
    expect(elsewhere.requests).toHaveLength(0)
    expect(await states()).toMatchObject([{ status: 'failed', last_error: 'http_error: 302' }])
  })

  test('answers ten megabytes: its status counts, the rest is not read', async () => {
    await using far = await httpFarSide((response) => response.end(Buffer.alloc(10 * 1024 * 1024, 'x')))
    await webhookTo(far)
    await alertsOpened()
    await sendAll()
    expect(await states()).toMatchObject([{ status: 'sent' }])
  })

  test('never answers holds up neither the rules nor the other channels', async () => {
    await using hanging = await tcpFarSide((socket) => void socket.resume())
    await using far = await httpFarSide()
    await webhookTo(hanging)
    await webhookTo(far)
    await db.query('update alert_channels set failures = 1 where sealed = $1', [
      Buffer.from(JSON.stringify({ url: `${hanging.url}/hook`, signingSecret: SECRET })),
    ])
    await alertsOpened(3)
    let ended = false
    const stuck = sendQueued(options(), true).then(() => {
      ended = true
    })
    await sendQueued(options(), false)
    expect(far.requests).toHaveLength(3)
    await alertsResolved()
    await sendQueued(options(), false)
    expect(far.requests).toHaveLength(6)
    expect(ended).toBe(false)
    for (const socket of hanging.sockets) socket.destroy()
    await db.query("delete from alert_notifications where status = 'queued'")
    await hanging[Symbol.asyncDispose]()
    await stuck
  })

  test.each([
    ['lies on this machine, and is not listed', 'https://127.0.0.1:443/', []],
    ['is a metadata service, though it is listed', 'http://169.254.169.254/latest', ['169.254.0.0/16']],
    ['is no address', 'file:///etc/passwd', []],
  ])('%s is never called, and not tried again', async (_, url, allowCidrs) => {
    await aChannel('slack', { url }, { allowCidrs })
    await alertsOpened()
    await sendAll()
    const [state] = await states()
    expect(state).toMatchObject({ status: 'failed', attempts: 1 })
    expect(state?.['last_error']).toMatch(/^address_blocked/)
  })

  test('has secrets that cannot be opened: tried again, since that can be mended', async () => {
    const id = await aChannel('slack', { url: 'https://hooks.example.com/' })
    await db.query("update alert_channels set sealed = 'no envelope' where id = $1", [id])
    await alertsOpened()
    await sendAll()
    expect(await states()).toMatchObject([{ status: 'queued', last_error: 'secret_unavailable' }])
  })
})

describe('a channel', () => {
  test('gets no more than its rate, and is told how many it did not get', async () => {
    await using far = await httpFarSide()
    const id = await webhookTo(far, { ratePerHour: 3 })
    await alertsOpened(10)
    await sendAll()
    await sendAll()
    expect(far.requests).toHaveLength(3)
    expect((await states()).filter(({ status }) => status === 'dropped')).toHaveLength(7)
    expect(await channelOf(id)).toMatchObject({ heldBack: 7 })
    later(61 * MINUTE)
    await alertsOpened(1)
    await sendAll()
    const facts = bodiesOf(far).at(-1).data.facts as { name: string; value: string }[]
    expect(facts.find(({ name }) => name === 'Held back')?.value).toMatch(/^7 other/)
    expect(await channelOf(id)).toMatchObject({ heldBack: 0 })
    // Who was not told that it began is not told that it is over.
    await alertsResolved()
    expect((await states()).filter(({ transition }) => transition === 'resolved')).toHaveLength(4)
  })

  test('that is disabled gets nothing any more, nor what waited for it', async () => {
    await using far = await httpFarSide()
    const id = await webhookTo(far)
    await alertsOpened()
    await db.query("update alert_channels set status = 'disabled'")
    await dropQueued(db, id, { now: new Date(clock), reason: 'channel_disabled' })
    await alertsOpened()
    await sendAll()
    expect(far.requests).toHaveLength(0)
    expect(await states()).toMatchObject([{ status: 'dropped', last_error: 'channel_disabled' }])
  })

  test('whose sender died is taken up by another one when the lease ends, and the dead one writes nothing', async () => {
    const release: (() => void)[] = []
    await using far = await httpFarSide((response) => {
      if (release.length === 0) release.push(() => response.end())
      else response.end()
    })
    await webhookTo(far)
    await alertsOpened()
    const stopped = sendQueued(options(), false)
    while (far.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    await sendAll()
    expect(far.requests).toHaveLength(1)
    later(61_000)
    await sendAll()
    expect(far.requests).toHaveLength(2)
    release[0]?.()
    await stopped
    expect(await states()).toMatchObject([{ status: 'sent', attempts: 2 }])
  })

  test('is tried by whoever sets it up, and nothing is stored of it', async () => {
    await using far = await httpFarSide()
    const id = await webhookTo(far)
    const said = await testChannel({ ...tools(), db }, DEFAULT_TENANT, id)
    expect(said).toMatchObject({ ok: true, httpStatus: 200 })
    expect(bodiesOf(far)).toMatchObject([{ type: 'alert.test' }])
    expect(await states()).toEqual([])
    expect(await testChannel({ ...tools(), db }, newId(), id)).toBeUndefined()
  })
})
