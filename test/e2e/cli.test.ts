/** The command line from outside: what is on stdout, what is on stderr, and the exit code. */
import { createHmac } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aGateway, type CommandResult, runPostern, type TestGateway } from '../support/gateway.ts'

let gateway: TestGateway
let folder: string
beforeAll(async () => {
  gateway = await aGateway()
  folder = await mkdtemp(join(tmpdir(), 'postern-cli-'))
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const cli = (args: readonly string[], more: { env?: Record<string, string>; input?: string } = {}) =>
  runPostern(args, {
    ...more,
    cwd: folder,
    env: {
      POSTERN_URL: gateway.address,
      MANAGEMENT_API_KEY: gateway.managementKey,
      DATABASE_URL: gateway.databaseUrl,
      POSTERN_DATA_DIR: gateway.dataDir,
      ...more.env,
    },
  })

/** A few at a time: each is a process, and machines that test have two cores. */
async function each<Input>(inputs: readonly Input[], run: (input: Input) => Promise<void>): Promise<void> {
  const left = [...inputs]
  await Promise.all(
    Array.from({ length: 3 }, async () => {
      for (let input = left.shift(); input !== undefined; input = left.shift()) await run(input)
    }),
  )
}

/** Exactly one JSON value and a line feed: `JSON.parse` refuses two. */
function oneJson(result: CommandResult) {
  const text = result.stdout.toString()
  expect(text.endsWith('\n') && !text.endsWith('\n\n'), text).toBe(true)
  return JSON.parse(text)
}

const COMMANDS = [
  [],
  ['up'],
  ['serve'],
  ['migrate'],
  ['providers'],
  ['providers', 'list'],
  ['providers', 'show'],
  ['integrations'],
  ['integrations', 'add'],
  ['integrations', 'add-key'],
  ['integrations', 'list'],
  ['integrations', 'show'],
  ['integrations', 'disable'],
  ['destinations'],
  ['destinations', 'add'],
  ['destinations', 'list'],
  ['destinations', 'show'],
  ['destinations', 'update'],
  ['destinations', 'pause'],
  ['destinations', 'resume'],
  ['destinations', 'disable'],
  ['destinations', 'test'],
  ['routes', 'add'],
  ['routes', 'list'],
  ['routes', 'remove'],
  ['events'],
  ['events', 'list'],
  ['events', 'show'],
  ['events', 'replay'],
  ['deliveries', 'list'],
  ['filters', 'test'],
  ['transforms', 'try'],
  ['schemas', 'list'],
  ['schemas', 'show'],
  ['schemas', 'set'],
  ['schemas', 'diff'],
  ['dead-letters', 'list'],
  ['dead-letters', 'dismiss'],
  ['replays', 'plan'],
  ['replays', 'confirm'],
  ['replays', 'list'],
  ['replays', 'show'],
  ['replays', 'cancel'],
  ['alerts', 'list'],
  ['alerts', 'show'],
  ['alerts', 'acknowledge'],
  ['alert-rules', 'list'],
  ['alert-rules', 'set'],
  ['alert-channels', 'add'],
  ['alert-channels', 'list'],
  ['alert-channels', 'test'],
  ['alert-channels', 'disable'],
  ['alert-channels', 'enable'],
  ['alert-channels', 'delete'],
  ['retention', 'show'],
  ['retention', 'set'],
  ['prune'],
  ['legal-holds', 'add'],
  ['legal-holds', 'list'],
  ['legal-holds', 'lift'],
  ['audit', 'verify'],
  ['surfaces'],
  ['send'],
  ['verify'],
  ['scan'],
  ['review'],
  ['explain'],
]

describe('help, version, mistakes', () => {
  test('every command explains itself on stdout, and the list of commands is the one tested here', async () => {
    const listed = new Set<string>()
    await each(COMMANDS, async (command) => {
      const { code, stdout, stderr } = await cli([...command, '--help'])
      expect({ code, stderr }, command.join(' ')).toEqual({ code: 0, stderr: '' })
      const text = stdout.toString()
      expect(text).toContain(`Usage: postern${command.map((word) => ` ${word}`).join('')}`)
      const below = /Commands:\n([\s\S]*?)(?:\n\n|$)/.exec(text)?.[1] ?? ''
      for (const [, name] of below.matchAll(/^ {2}([a-z-]+)/gm))
        if (name !== 'help') listed.add([...command, name].join(' '))
    })
    const tested = COMMANDS.map((command) => command.join(' ')).filter((name) => name !== '')
    // Groups that were not asked for their own help are named by what is below them.
    const known = new Set([...tested, ...COMMANDS.filter(({ length }) => length > 1).map(([group]) => group)])
    expect([...listed].filter((name) => !known.has(name))).toEqual([])
  }, 120_000)

  test('the version is one line on stdout', async () => {
    for (const flag of ['--version', '-v']) {
      const { code, stdout } = await cli([flag])
      expect(code).toBe(0)
      expect(stdout.toString()).toMatch(/^\d+\.\d+\.\d+\S*\n$/)
    }
  })

  test('what does not exist, or lacks what it needs, is exit 2 with a word on stderr and nothing on stdout', async () => {
    const mistakes = [
      ['nonsense'],
      ['events', 'nonsense'],
      ['up', '--nonsense'],
      ['serve'],
      ['serve', '--role', 'janitor'],
      ['up', '--port', '70000'],
      ['integrations', 'add'],
      ['providers', 'show', 'nobody-at-all'],
      ['integrations', 'add-key', 'int_1'],
      ['integrations', 'add', '--provider', 'meta', '--setting', 'verifyToken'],
      ['send'],
      ['send', 'mollie', '--scheme', 'classic', '--secret', 'test_key_of_mollie'],
      ['send', 'acme', '--tamper', 'nonsense'],
      ['send', 'acme', '--count', '0'],
      ['send', 'nobody', '--secret', 'a-secret-for-nobody'],
      ['verify'],
      ['destinations', 'add'],
      ['destinations', 'add', 'ftp://example.com/'],
      ['routes', 'add', '--to', 'dst_1'],
      ['events', 'show'],
      ['events', 'list', '--status', 'nonsense'],
      ['events', 'list', '--from', 'yesterday'],
      ['retention', 'set'],
      ['retention', 'set', '--payload-days', '0', '--reason', 'because'],
      ['retention', 'set', '--payload-days', '-1', '--reason', 'because'],
      ['retention', 'set', '--payload-days', '7'],
      ['retention', 'set', '--payload-days', '7', '--defaults', '--reason', 'because'],
      ['retention', 'set', '--payload-days', '100', '--reason', 'because'],
      ['prune'],
      ['prune', '--all-tenants', '--reason', 'because'],
      ['legal-holds', 'add'],
      ['legal-holds', 'add', '--reason', 'case 4711'],
      ['legal-holds', 'add', '--reason', 'case 4711', '--event', 'nonsense'],
    ]
    await each(mistakes, async (args) => {
      const { code, stdout, stderr } = await cli(args)
      expect({ code, stdout: stdout.toString() }, `${args.join(' ')}: ${stderr}`).toEqual({ code: 2, stdout: '' })
      expect(stderr).not.toBe('')
    })
  }, 120_000)

  test('configuration is refused as a whole, each problem named, before anything is opened', async () => {
    const env = {
      POSTERN_MAX_BODY_BITES: '1',
      POSTERN_RATE_LIMIT_PER_MINUTE: '0',
      POSTERN_TRUSTED_PROXIES: 'everybody',
    }
    const { code, stderr } = await cli(['up'], { env })
    expect(code).toBe(2)
    for (const name of Object.keys(env)) expect(stderr).toContain(name)
    expect(stderr).toContain('POSTERN_MAX_BODY_BYTES')
    const production = await cli(['up'], { env: { NODE_ENV: 'production', MANAGEMENT_API_KEY: '' } })
    expect(production.code).toBe(2)
    expect(production.stderr).toContain('MANAGEMENT_API_KEY')
  })

  test('a wrong key is exit 2, nobody listening 3, an event that is not there 1', async () => {
    const wrongKey = await cli(['events', 'list'], { env: { MANAGEMENT_API_KEY: 'another-key-than-the-right-one' } })
    expect(wrongKey.code).toBe(2)
    expect(wrongKey.stderr).toContain('UNAUTHORIZED')
    const nobody = await cli(['events', 'list'], { env: { POSTERN_URL: 'http://127.0.0.1:9' } })
    expect(nobody.code).toBe(3)
    const missing = await cli(['events', 'show', `evt_${'0'.repeat(32)}`, '--json'])
    expect(missing.code).toBe(1)
    expect(missing.stdout).toHaveLength(0)
    expect(JSON.parse(missing.stderr)).toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('managing', () => {
  test('with --json stdout is exactly one JSON value, and nothing else', async () => {
    const secret = 'acme-secret-of-the-cli'
    const added = await cli(
      [
        'integrations',
        'add',
        '--provider',
        'acme',
        '--name',
        'by cli',
        '--secret',
        '-',
        '--event-type',
        'order.paid',
        '--json',
      ],
      { input: `${secret}\n` },
    )
    expect(added.code, added.stderr).toBe(0)
    const integration = oneJson(added)
    expect(integration).toMatchObject({
      provider: 'acme',
      name: 'by cli',
      status: 'active',
      eventTypes: ['order.paid'],
    })
    expect(added.stdout.toString() + added.stderr).not.toContain(secret)

    const sent = await cli([
      'send',
      'acme',
      '--secret',
      secret,
      '--to',
      gateway.address + integration.receivePath,
      '--json',
    ])
    expect(sent.code, sent.stderr).toBe(0)
    const [{ eventId }] = oneJson(sent)
    await expect.poll(async () => (await gateway.api('GET', `/api/v1/events/${eventId}`)).json.status).toBe('processed')

    const shown: [args: string[], matches: unknown][] = [
      [['integrations', 'list'], { data: [{ id: integration.id }] }],
      [['integrations', 'show', integration.id], { id: integration.id }],
      [['events', 'list'], { data: [{ id: eventId }] }],
      [['events', 'show', eventId], { id: eventId, status: 'processed' }],
      [['deliveries', 'list'], { data: [] }],
      [['dead-letters', 'list'], { data: [] }],
      [['alerts', 'list', '--status', 'open'], { data: [] }],
      [['dead-letters', 'dismiss', eventId, '--reason', 'nothing is wrong'], { dismissed: 0 }],
      [['migrate'], { applied: [] }],
      [['audit', 'verify'], { intact: true }],
      [['events', 'replay', eventId, '--reason', 'to see it done'], { eventId }],
    ]
    await each(shown, async ([args, matches]) => {
      const result = await cli([...args, '--json'])
      expect(result.code, `${args.join(' ')}: ${result.stderr}`).toBe(0)
      expect(oneJson(result)).toMatchObject(matches as object)
    })

    const planned = oneJson(
      await cli(['replays', 'plan', '--event', eventId, '--reason', 'to see it planned', '--json']),
    )
    expect(planned).toMatchObject({ status: 'planned', planned: 1, preview: { events: 1, unrouted: 1 } })
    const ran = await cli(['replays', 'confirm', planned.id, '--wait', '--json'])
    expect(ran.code, ran.stderr).toBe(0)
    // It was replayed within the minute, a few lines above.
    expect(oneJson(ran)).toMatchObject({ status: 'completed', replayed: 0, skipped: 1 })
    expect(oneJson(await cli(['replays', 'list', '--status', 'completed', '--json']))).toMatchObject({
      data: [{ id: planned.id }],
    })
    expect((await cli(['replays', 'cancel', planned.id])).code).not.toBe(0)

    const disabled = await cli(['integrations', 'disable', integration.id, '--json'])
    expect(oneJson(disabled)).toMatchObject({ status: 'disabled' })
    const closed = await cli(['send', 'acme', '--secret', secret, '--to', gateway.address + integration.receivePath])
    expect(closed.code).toBe(1)
    expect(closed.stdout.toString()).toContain('404')
  }, 120_000)

  test('a destination is added, routed to, tested, changed and disabled', async () => {
    const { id: from } = await gateway.integrate({ provider: 'acme', secret: 'acme-secret-of-the-routes' })
    const sink = `${gateway.address}/api/v1/internal/delivery-sink/acme`
    const run = async (...args: string[]) => {
      const result = await cli([...args, '--json'])
      expect(result.code, `${args.join(' ')}: ${result.stderr}`).toBe(0)
      return oneJson(result)
    }
    const { id } = await run('destinations', 'add', sink, '--name', 'sink', '--allow-cidr', '127.0.0.1/32')
    const [route] = await run('routes', 'add', '--from', from, '--to', id, '--event-type', 'order.*')
    expect(route).toMatchObject({ destinationId: id, integrationId: from, version: 1, eventTypes: ['order.*'] })
    expect(await run('routes', 'list', '--to', id)).toMatchObject({ data: [{ id: route.id }] })
    expect(await run('destinations', 'test', id)).toMatchObject({ delivered: true, httpStatus: 202 })
    const changed = await run('destinations', 'update', id, '--url', `${sink}?2`, '--max-attempts', '3', '--shadow')
    expect(changed).toMatchObject({ url: `${sink}?2`, name: 'sink', shadow: true, retry: { maxAttempts: 3 } })
    expect(await run('destinations', 'update', id, '--no-shadow')).toMatchObject({ shadow: false })
    expect(await run('destinations', 'pause', id)).toMatchObject({ status: 'paused' })
    expect(await run('destinations', 'disable', id)).toMatchObject({ status: 'disabled' })
    expect((await cli(['destinations', 'test', id])).code).toBe(1)
    expect(await run('destinations', 'resume', id)).toMatchObject({ status: 'active' })
    expect(await run('destinations', 'list', '--status', 'active')).toMatchObject({ data: [{ id }] })
    expect(await run('routes', 'remove', route.id)).toEqual({ id: route.id, removed: true })
    expect((await cli(['routes', 'remove', route.id])).code).toBe(1)
    const shown = await cli(['destinations', 'show', id])
    expect(shown.stdout.toString()).toContain('signed with')
  }, 120_000)

  test('what a stranger named is shown without control characters', async () => {
    const secret = 'acme-secret-of-the-escapes'
    const { receivePath } = await gateway.integrate({ provider: 'acme', secret })
    const body = JSON.stringify({ eventId: 'esc', eventType: 'a\u001b]0;owned\u0007\u202e' })
    const signature = createHmac('sha256', secret).update(body).digest('hex')
    const answer = await gateway.send(receivePath, {
      body,
      headers: { 'content-type': 'application/json', 'x-acme-signature': signature },
    })
    expect(answer.status).toBe(202)
    const { stdout } = await cli(['events', 'show', answer.json.eventId])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(stdout.toString()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  })
})

describe('send', () => {
  test('every way of tampering is refused by the gateway, replays are duplicates, and either is exit 0', async () => {
    const secret = 'whsec_secret_of_the_tampering_0123'
    const { receivePath } = await gateway.integrate({ provider: 'stripe', secret })
    const base = ['send', 'stripe', '--secret', secret, '--to', gateway.address + receivePath, '--json']
    await each(['body', 'signature', 'secret', 'stale', 'future'], async (how) => {
      const result = await cli([...base, '--tamper', how])
      expect(result.code, how).toBe(0)
      expect(oneJson(result), how).toMatchObject([
        { status: 401, code: 'UNAUTHORIZED', outcome: 'refused', expected: true },
      ])
    })
    const replayed = oneJson(await cli([...base, '--tamper', 'replay']))
    expect(replayed).toMatchObject([
      { status: 202 },
      { status: 200, outcome: 'duplicate', eventId: replayed[0].eventId },
    ])
    const many = await cli([...base, '--count', '25'])
    expect(oneJson(many)).toMatchObject({ sent: 25, outcomes: { '202 accepted': 25 }, unexpected: 0 })
  })

  test('a receiver that accepts what it should refuse is exit 1', async () => {
    // The sink of deliveries checks nothing.
    const to = `${gateway.address}/api/v1/internal/delivery-sink/stripe`
    const result = await cli([
      'send',
      'stripe',
      '--secret',
      'whsec_secret_of_the_tampering_0123',
      '--to',
      to,
      '--tamper',
      'body',
      '--json',
    ])
    expect(result.code).toBe(1)
    expect(oneJson(result)).toMatchObject([{ status: 202, expected: false }])
  })

  test('tampering that the scheme gives no hold for is exit 2', async () => {
    const result = await cli(['send', 'acme', '--secret', 'acme-secret-of-the-cli', '--tamper', 'stale'])
    expect(result.code).toBe(2)
    expect(result.stderr).toContain('stale')
  })
})

describe('verify --vectors', () => {
  const body = Buffer.from('{"eventId":"v-1"}')
  const vector = (fields: Record<string, unknown> = {}) => ({
    id: 'one',
    provider: 'acme',
    headers: { 'X-Acme-Signature': createHmac('sha256', 'vector-secret').update(body).digest('hex') },
    rawBodyBase64: body.toString('base64'),
    secret: 'vector-secret',
    expect: 'valid',
    ...fields,
  })
  const onFile = async (content: string, ...args: string[]) => {
    const file = join(folder, `vectors-${Math.random()}.json`)
    await writeFile(file, content)
    return cli(['verify', '--vectors', file, ...args])
  }

  test.each([
    ['all agree', [vector(), vector({ id: 'two', secret: 'another-secret', expect: 'invalid' })], 0],
    ['one disagrees', [vector(), vector({ expect: 'invalid' })], 1],
    ['a provider is not known', [vector(), vector({ provider: 'nobody' })], 4],
    ['a vector is malformed', [vector(), vector({ headers: 'none' })], 4],
    ['the list is empty', [], 4],
  ])('%s', async (_why, vectors, code) => {
    const result = await onFile(JSON.stringify(vectors), '--json')
    expect(result.code, result.stderr).toBe(code)
    expect(oneJson(result)).toHaveLength(vectors.length)
  })

  test('each vector is one line when nobody asked for one value, and stdin is a file', async () => {
    const result = await cli(['verify', '--vectors', '-'], { input: JSON.stringify([vector(), vector({ id: 'two' })]) })
    expect(result.code).toBe(0)
    const lines = result.stdout.toString().trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(['one', 'two'])
    expect(result.stdout.toString()).not.toContain('vector-secret')
  })

  test('a file that is no JSON, or not there, is exit 2', async () => {
    expect((await onFile('[{')).code).toBe(2)
    expect((await cli(['verify', '--vectors', join(folder, 'nowhere.json')])).code).toBe(2)
  })
})

describe('expressions are tried before they are saved', () => {
  test('a filter answers with its exit code: 0 takes it, 1 does not, 3 cannot say, 2 is none', async () => {
    const body = { input: '{"amount": 5}' }
    const tried = (filter: string) =>
      cli(['filters', 'test', filter, '--body', '-', '--header', 'X-A=b', '--json'], body)
    expect(oneJson(await tried('body.amount == 5 && headers["x-a"] == "b"'))).toEqual({ matches: true, failure: null })
    expect((await tried('body.amount > 5')).code).toBe(1)
    expect((await tried('body.absent > 5')).code).toBe(3)
    const wrong = await tried('bodi.amount > 5')
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('There is no `bodi`')
    expect((await cli(['filters', 'test', 'true'])).code).toBe(2)
    expect((await cli(['filters', 'test', '--body', '-'], body)).code).toBe(2)
    expect((await cli(['filters', 'test', 'true', '--body', '-'], { input: 'not json' })).code).toBe(2)
  })

  test('a transform prints the body it makes', async () => {
    const file = join(folder, 'order.jsonata')
    await writeFile(file, '{"total": amount / 100, "kind": $attributes.type}')
    const options = ['--file', file, '--body', '-', '--type', 'order.created']
    const { code, stdout } = await cli(['transforms', 'try', ...options], { input: '{"amount": 1250}' })
    expect(code).toBe(0)
    expect(JSON.parse(stdout.toString())).toEqual({ total: 12.5, kind: 'order.created' })
    const nothing = await cli(['transforms', 'try', 'absent', '--body', '-'], { input: '{}' })
    expect(nothing.code).toBe(3)
    expect(nothing.stdout.toString()).toContain('transform_empty')
  })
})
