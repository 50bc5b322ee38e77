import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aTenant, keysFor, MASTER_KEY, type TestApi, testApi } from '../../../test/support/api.ts'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { httpFarSide } from '../../../test/support/far-side.ts'
import { aDestination, anIntegration, silent } from '../../../test/support/flow.ts'
import type { Principal } from '../../access/principal.ts'
import { evaluateRules } from '../../alerts/evaluate.ts'
import { sendQueued } from '../../alerts/notify.ts'
import { testChannel } from '../../alerts/test-channel.ts'
import { ALERT_KINDS, ALERT_RULES } from '../../base/model/alert.ts'
import { openMailer } from '../../resources/outbound/mail.ts'
import { type Outbound, openOutbound } from '../../resources/outbound/request.ts'
import { createKeyring } from '../../resources/secrets/keyring.ts'
import { alertChannelContext } from '../../resources/secrets/stored-secret.ts'

let db: TestDatabase
let t: TestApi
let outbound: Outbound
let stranger: Principal
const tools = () => ({
  outbound,
  mailer: openMailer({ ports: [] }),
  openChannel: (channel: Parameters<typeof alertChannelContext>[0], sealed: Buffer) =>
    createKeyring(MASTER_KEY).open(alertChannelContext(channel), sealed),
  now: Date.now,
})
beforeAll(async () => {
  db = await freshDatabase()
  outbound = openOutbound({ ports: [443], allowHttp: false })
  stranger = await aTenant(db, 'stranger')
  t = await testApi(db, {
    testAlertChannel: (tenantId, id) => testChannel({ ...tools(), db }, tenantId, id),
    authenticate: keysFor({ 'stranger-key': stranger }),
  })
})
afterAll(async () => {
  await t.api.close()
  await outbound.close()
  await db[Symbol.asyncDispose]()
})

const A = '/api/v1/alerts'
const C = '/api/v1/alert-channels'
const R = '/api/v1/alert-rules'
const NOBODY = 'f'.repeat(32)
const theirs = { headers: { 'x-internal-api-key': 'stranger-key' } }

const SLACK = { kind: 'slack', url: 'https://hooks.example.com/services/T0/hush-1' }

async function aChannel(fields: Readonly<Record<string, unknown>> = SLACK) {
  const answer = await t.request('POST', C, { body: fields })
  expect(answer.status, answer.text).toBe(201)
  return answer.json
}

describe('rules', () => {
  test('are all on with their defaults, for everybody, and explain themselves', async () => {
    const { data } = (await t.request('GET', R)).json
    expect(data.map(({ kind }: { kind: string }) => kind)).toEqual(ALERT_KINDS)
    for (const { kind, enabled, settings, about } of data) {
      expect(enabled).toBe(true)
      expect(Object.keys(settings)).toEqual(Object.keys(ALERT_RULES[kind as 'queue_age'].settings))
      for (const [name, value] of Object.entries(settings)) expect(value).toBe(about[name].default)
    }
  })

  test('are changed for one tenant, on record, and set back', async () => {
    const path = `${R}/queue_age`
    const changed = await t.request('PATCH', path, {
      body: { settings: { seconds: 60 }, mutedUntil: '2100-01-01T00:00:00Z' },
    })
    expect(changed.json).toMatchObject({ settings: { seconds: 60 }, mutedUntil: '2100-01-01T00:00:00.000Z' })
    expect((await t.request('PATCH', path, { body: { enabled: false } })).json).toMatchObject({
      enabled: false,
      settings: { seconds: 60 },
    })
    const others = (await t.request('GET', R, theirs)).json.data
    expect(others.find(({ kind }: { kind: string }) => kind === 'queue_age')).toMatchObject({
      enabled: true,
      settings: { seconds: 300 },
    })
    const back = { settings: null, mutedUntil: null, enabled: true }
    expect((await t.request('PATCH', path, { body: back })).json).toMatchObject({ settings: { seconds: 300 } })
    const audit = await t.request('GET', '/api/v1/audit-entries?action=alert_rule.changed')
    expect(audit.json.data[0].details).toMatchObject({ kind: 'queue_age', enabled: true })
  })

  test.each([
    [{ settings: { seconds: 4 } }, 'settings.seconds'],
    [{ settings: { seconds: 604_801 } }, 'settings.seconds'],
    [{ settings: { nonsense: 4 } }, 'settings.nonsense'],
    [{ settings: { toString: 4 } }, 'settings.toString'],
    [{ settings: { seconds: 10.5 } }, 'settings.seconds'],
    [{ settings: { seconds: '60' } }, 'settings.seconds'],
    [{ settings: { seconds: null } }, 'settings.seconds'],
    [{ settings: { seconds: 1e300 } }, 'settings.seconds'],
    [{ settings: [] }, 'settings'],
    [{ enabled: 'no' }, 'enabled'],
    [{ mutedUntil: 'tomorrow' }, 'mutedUntil'],
    [{ threshold: 4 }, ''],
    [{}, ''],
    [[], ''],
    ['{"settings": {', ''],
  ])('%j is refused, with the place', async (body, path) => {
    const answer = await t.request('PATCH', `${R}/queue_age`, { body })
    expect(answer.status, answer.text).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    if (path !== '') expect(answer.json.errors[0].path).toBe(path)
  })

  test('of another name do not exist', async () => {
    for (const kind of ['nonsense', '__proto__', 'constructor', '%00', 'x'.repeat(3_000)])
      expect((await t.request('PATCH', `${R}/${kind}`, { body: { enabled: false } })).status, kind).toBe(404)
  })

  test('that are switched off close what they opened, and tell nobody', async () => {
    const integration = await anIntegration(db)
    await aDestination(db, integration, {
      url: 'https://example.com/',
      status: 'disabled',
      columns: { disabled_reason: 'gone' },
    })
    const channel = await aChannel()
    await evaluateRules({ db, log: silent, now: Date.now, onChange: () => undefined })
    const [alert] = (await t.request('GET', `${A}?kind=destination_disabled`)).json.data
    expect(alert.status).toBe('open')
    await t.request('PATCH', `${R}/destination_disabled`, { body: { enabled: false } })
    const closed = (await t.request('GET', `${A}/${alert.id}`)).json
    expect(closed.status).toBe('resolved')
    expect(closed.notifications).toMatchObject([{ channelId: channel.id, transition: 'opened', status: 'dropped' }])
    await t.request('PATCH', `${R}/destination_disabled`, { body: { enabled: true } })
  })
})

describe('alerts', () => {
  test('are listed by what has become of them, shown with who was told, and acknowledged once', async () => {
    await using far = await httpFarSide((response) => response.writeHead(500).end())
    await db.query('delete from alerts; delete from destinations; delete from alert_channels; delete from alert_turns')
    const channel = await aChannel({ kind: 'slack', url: far.url, allowCidrs: ['127.0.0.1/32'], name: 'ops' })
    const integration = await anIntegration(db)
    for (const name of ['one', 'two'])
      await aDestination(db, integration, {
        url: 'https://example.com/',
        status: 'disabled',
        columns: { disabled_reason: 'gone', name },
      })
    await evaluateRules({ db, log: silent, now: Date.now, onChange: () => undefined })
    await sendQueued({ ...tools(), db, log: silent, onSent: () => undefined }, false)
    const list = async (query: string) => (await t.request('GET', `${A}${query}`)).json.data
    const [first, second] = await list('')
    expect(new Set([first.about, second.about])).toEqual(new Set(['one', 'two']))
    expect(await list('?status=open')).toHaveLength(2)
    const path = `${A}/${first.id}/acknowledge`
    const known = await t.request('POST', path)
    expect(known.json).toMatchObject({ status: 'acknowledged', acknowledgedBy: 'root' })
    expect((await t.request('POST', path)).json).toEqual(known.json)
    expect(await list('?status=open')).toMatchObject([{ id: second.id }])
    expect(await list('?status=acknowledged')).toMatchObject([{ id: first.id }])
    expect(await list('?status=resolved')).toEqual([])
    expect(await list('?pageSize=1')).toHaveLength(1)
    const tried = (await Promise.all([first, second].map(({ id }) => t.request('GET', `${A}/${id}`)))).map(
      ({ json }) => json.notifications,
    )
    expect(tried.flat()).toContainEqual(
      expect.objectContaining({ channelId: channel.id, channel: 'ops', attempts: 1, lastError: 'http_error: 500' }),
    )
    for (const query of ['?status=nonsense', '?kind=nonsense', '?openOnly=true'])
      expect((await t.request('GET', A + query)).status, query).toBe(400)
    expect((await t.request('POST', `${A}/alr_${NOBODY}/acknowledge`)).status).toBe(404)
  })
})

describe('channels', () => {
  const whsec = `whsec_${Buffer.alloc(32, 5).toString('base64')}`
  const email = {
    kind: 'email',
    server: 'smtps://mail.example.com',
    username: 'hush-user',
    password: 'hush-1',
    from: 'postern@example.com',
    to: ['ops@example.com'],
  }
  const good: readonly [string, Readonly<Record<string, unknown>>, string][] = [
    ['slack', { kind: 'slack', url: 'https://hooks.example.com/services/T0/hush-1' }, 'https://hooks.example.com'],
    ['teams', { kind: 'teams', url: 'https://x.example.com:443/workflows/1?sig=hush-1' }, 'https://x.example.com'],
    [
      'webhook',
      { kind: 'webhook', url: 'https://ops.example.com/hush-1', signingSecret: whsec },
      'https://ops.example.com',
    ],
    ['email', email, 'smtps://mail.example.com:465'],
  ]

  test.each(
    good,
  )('%s: made, shown, changed, tested and deleted, and nothing secret ever comes out', async (kind, fields, origin) => {
    const made = await aChannel({ ...fields, name: 'ops', rules: ['queue_age'], ratePerHour: 5 })
    expect(made).toMatchObject({ kind, origin, name: 'ops', status: 'active', rules: ['queue_age'], ratePerHour: 5 })
    const path = `${C}/${made.id}`
    const changed = await t.request('PATCH', path, { body: { rules: null, status: 'disabled', name: 'night' } })
    expect(changed.json).toMatchObject({ rules: null, status: 'disabled', name: 'night', origin })
    const shown = await t.request('GET', path)
    expect(shown.json).toEqual(changed.json)
    const listed = await t.request('GET', C)
    const audit = await t.request('GET', `/api/v1/audit-entries?entityId=${made.id}`)
    const { rows } = await db.query('select * from alert_channels')
    for (const seen of [
      JSON.stringify(made),
      changed.text,
      shown.text,
      listed.text,
      audit.text,
      JSON.stringify(rows),
      t.logged(),
    ])
      expect(seen).not.toMatch(/hush|whsec_/)
    expect((await t.request('DELETE', path)).status).toBe(204)
    expect((await t.request('GET', path)).status).toBe(404)
    expect((await t.request('DELETE', path)).status).toBe(404)
  })

  test('a webhook’s secret is made anew and shown this once; the one before signs beside it for a day', async () => {
    await using far = await httpFarSide()
    const made = await aChannel({ kind: 'webhook', url: far.url, allowCidrs: ['127.0.0.1/32'], signingSecret: whsec })
    const rotated = await t.request('POST', `${C}/${made.id}/signing-secret`)
    expect(rotated.status, rotated.text).toBe(201)
    expect(rotated.json.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect((await t.request('GET', `${C}/${made.id}`)).text).not.toContain('whsec_')
    await t.request('POST', `${C}/${made.id}/test`)
    const [{ headers, body }] = far.requests as [(typeof far.requests)[number]]
    const named = Object.fromEntries(headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1]]] : [])))
    for (const secret of [rotated.json.secret, whsec])
      expect(() => new Webhook(secret).verify(body, named as Record<string, string>)).not.toThrow()
    const slack = await aChannel()
    expect((await t.request('POST', `${C}/${slack.id}/signing-secret`)).json).toMatchObject({ code: 'CONFLICT' })
  })

  test('a test says how it went, and stays on record', async () => {
    await using far = await httpFarSide()
    const made = await aChannel({ ...SLACK, url: `${far.url}/hush-1`, allowCidrs: ['127.0.0.1/32'] })
    const answer = await t.request('POST', `${C}/${made.id}/test`)
    expect(answer.json).toMatchObject({ delivered: true, httpStatus: 200, error: null })
    expect(far.requests).toHaveLength(1)
    const audit = await t.request('GET', `/api/v1/audit-entries?entityId=${made.id}&action=alert_channel.tested`)
    expect(audit.json.data).toMatchObject([{ details: { delivered: true } }])
    expect((await t.request('POST', `${C}/${made.id}/test`, theirs)).status).toBe(404)
    expect((await t.request('POST', `${C}/alc_${NOBODY}/test`)).status).toBe(404)
  })

  test('another mail server is not sent the credentials of the one before', async () => {
    const made = await aChannel(email)
    const moved = await t.request('PATCH', `${C}/${made.id}`, { body: { server: 'smtps://evil.example.com' } })
    expect(moved.status).toBe(200)
    const { rows } = await db.query<{ id: never; tenant_id: never; sealed: Buffer }>(
      'select id, tenant_id, sealed from alert_channels order by id desc limit 1',
    )
    const [row] = rows
    const secrets = tools().openChannel({ id: row!.id, tenantId: row!.tenant_id }, row!.sealed)
    expect(JSON.parse(secrets)).toEqual({ url: 'smtps://evil.example.com' })
  })

  test('a change forgets what has failed', async () => {
    const made = await aChannel()
    await db.query("update alert_channels set failures = 4, last_error = 'timeout: deadline'")
    expect((await t.request('GET', `${C}/${made.id}`)).json).toMatchObject({
      failures: 4,
      lastError: 'timeout: deadline',
    })
    const changed = await t.request('PATCH', `${C}/${made.id}`, { body: { url: 'https://hooks.example.com/2' } })
    expect(changed.json).toMatchObject({ failures: 0, lastError: null })
  })

  const url = 'https://hooks.example.com/x'
  test.each<[unknown, string]>([
    [{}, 'kind'],
    [{ kind: 'pager', url }, 'kind'],
    [{ kind: 'slack' }, 'url'],
    [{ kind: 'slack', url: '' }, 'url'],
    [{ kind: 'slack', url: `https://a.example/${'x'.repeat(5_000)}` }, 'url'],
    [{ kind: 'slack', url: 'hooks.example.com' }, 'url'],
    [{ kind: 'slack', url: 'javascript:alert(1)' }, 'url'],
    [{ kind: 'slack', url: 'https://user:hush@hooks.example.com/' }, 'url'],
    [{ kind: 'slack', url, name: 'a\r\nb' }, 'name'],
    [{ kind: 'slack', url, rules: [] }, 'rules'],
    [{ kind: 'slack', url, rules: ['nonsense'] }, 'rules.0'],
    [{ kind: 'slack', url, ratePerHour: 0 }, 'ratePerHour'],
    [{ kind: 'slack', url, ratePerHour: 1_001 }, 'ratePerHour'],
    [{ kind: 'slack', url, allowCidrs: ['nonsense'] }, 'allowCidrs.0'],
    [{ kind: 'slack', url, tlsVerify: false }, 'tlsVerify'],
    [{ kind: 'slack', url, signingSecret: whsec }, 'signingSecret'],
    [{ kind: 'webhook', url, signingSecret: 'short' }, 'signingSecret'],
    [{ ...email, to: [] }, 'to'],
    [{ ...email, to: ['a@b.example\r\nBcc: c@d.example'] }, 'to.0'],
    [{ ...email, to: ['ops@example.com, thief@example.com'] }, 'to.0'],
    [{ ...email, to: Array(21).fill('ops@example.com') }, 'to'],
    [{ ...email, from: 'Ops <ops@example.com>' }, 'from'],
    [{ ...email, password: 'a\r\nb' }, 'password'],
    [{ ...email, password: undefined }, 'password'],
    [{ ...email, username: undefined }, 'username'],
    [{ ...email, server: 'https://mail.example.com' }, 'server'],
    [{ ...email, server: 'smtp://mail.example.com/x?y' }, 'server'],
    [{ ...email, server: 'smtp://10.0.0.1', allowCidrs: ['10.0.0.0/8'], plaintext: true }, 'plaintext'],
  ])('%j is refused, with the place and without what is secret', async (body, path) => {
    const answer = await t.request('POST', C, { body })
    expect(answer.json).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' })
    expect(answer.json.errors[0].path).toBe(path)
    expect(answer.text).not.toContain('hush')
  })

  test.each([
    ['https://127.0.0.1/x'],
    ['https://[::1]/x'],
    ['https://169.254.169.254/latest'],
    ['http://hooks.example.com/x'],
    ['https://hooks.example.com:6379/x'],
  ])('nothing may be told at %s', async (blocked) => {
    const made = await aChannel()
    for (const [method, path, body] of [
      ['POST', C, { kind: 'teams', url: blocked }],
      ['PATCH', `${C}/${made.id}`, { url: blocked }],
    ] as const)
      expect((await t.request(method, path, { body })).json).toMatchObject({ status: 400, code: 'ADDRESS_BLOCKED' })
  })

  test('a kind has its own fields, also in a change', async () => {
    const made = await aChannel()
    for (const body of [{ server: 'smtps://mail.example.com' }, { to: ['a@b.example'] }, { signingSecret: whsec }])
      expect((await t.request('PATCH', `${C}/${made.id}`, { body })).json.errors[0].message).toMatch(
        /of the kind slack/,
      )
    expect((await t.request('PATCH', `${C}/${made.id}`, { body: {} })).status).toBe(400)
    const huge = await t.request('POST', C, { body: { ...SLACK, name: 'x'.repeat(70_000) } })
    expect(huge.json).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' })
  })
})
