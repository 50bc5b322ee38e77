/** Letters to real SMTP servers on this machine, and to what only says that it is one. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { tcpFarSide } from '../../../test/support/far-side.ts'
import { judgeMailServer, type MailRequest, openMailer } from './mail.ts'

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url))

afterEach(() => {
  vi.unstubAllEnvs()
})

interface Letter {
  readonly from: string
  readonly to: readonly string[]
  readonly text: string
  readonly user: string | undefined
}

/** Plain, without STARTTLS and without asking who is there, unless told otherwise. */
async function smtp(options: SMTPServerOptions = {}) {
  const letters: Letter[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        letters.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString(),
          user: typeof session.user === 'string' ? session.user : undefined,
        })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    letters,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

const mailer = openMailer({ ports: [443] })
const letter = (port: number, fields: Partial<MailRequest> = {}): MailRequest => ({
  server: `smtp://127.0.0.1:${port}`,
  plaintext: true,
  allowCidrs: ['127.0.0.1/32'],
  from: 'postern@example.com',
  to: ['ops@example.com', 'security@example.com'],
  subject: 'Deliveries fail',
  text: 'Line one\nLine two',
  messageId: 'ntf_1',
  timeoutMs: 20_000,
  ...fields,
})

test('a letter arrives, once for all, with its headers', async () => {
  await using server = await smtp()
  expect(await mailer.send(letter(server.port))).toMatchObject({ ok: true })
  expect(server.letters).toMatchObject([
    { from: 'postern@example.com', to: ['ops@example.com', 'security@example.com'], user: undefined },
  ])
  const [{ text }] = server.letters as [Letter]
  expect(text).toMatch(/^Subject: Deliveries fail\r$/m)
  expect(text).toMatch(/^Message-ID: <ntf_1@example\.com>\r$/im)
  expect(text).toMatch(/^Auto-Submitted: auto-generated\r$/im)
  expect(text).toMatch(/Line one\r\nLine two/)
})

test.each([
  ['a new header', 'x\r\nBcc: thief@example.com'],
  ['a body of its own', 'x\r\n\r\nanother body'],
  ['a command', 'x\r\n.\r\nRCPT TO:<thief@example.com>'],
  ['an encoded line end', 'x =?utf-8?Q?=0D=0ABcc:_thief@example.com?='],
])('a subject cannot begin %s', async (_, subject) => {
  await using server = await smtp()
  await mailer.send(letter(server.port, { subject }))
  const [{ text, to }] = server.letters as [Letter]
  const [head = ''] = text.split('\r\n\r\n')
  expect(head).not.toMatch(/^(?:bcc|rcpt)/im)
  expect(head.match(/^subject:/gim)).toHaveLength(1)
  expect(to).toHaveLength(2)
})

test('a text cannot end the letter before its end', async () => {
  await using server = await smtp()
  await mailer.send(letter(server.port, { text: 'one\r\n.\r\nMAIL FROM:<thief@example.com>\r\ntwo' }))
  expect(server.letters).toHaveLength(1)
  expect(server.letters[0]?.text).toContain('two')
})

test('credentials are shown to a server that asks for them; wrong ones are told apart from other failures', async () => {
  await using server = await smtp({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _, done) =>
      username === 'me' && password === 'hush' ? done(null, { user: 'me' }) : done(new Error('no')),
  })
  expect(await mailer.send(letter(server.port, { username: 'me', password: 'hush' }))).toMatchObject({ ok: true })
  expect(server.letters[0]?.user).toBe('me')
  expect(await mailer.send(letter(server.port, { username: 'me', password: 'wrong' }))).toMatchObject({
    ok: false,
    outcome: 'auth_failed',
    detail: 'smtp_535',
  })
  expect(await mailer.send(letter(server.port))).toMatchObject({
    ok: false,
    outcome: 'mail_refused',
    detail: 'smtp_530',
  })
  expect(server.letters).toHaveLength(1)
})

test.each([
  [550, 'smtp_550'],
  [451, 'smtp_451'],
])('a server that says %s is quoted with its number and no word of it', async (responseCode, detail) => {
  await using server = await smtp({
    onRcptTo: (_, __, done) => done(Object.assign(new Error('words of the far side'), { responseCode })),
  })
  const result = await mailer.send(letter(server.port))
  expect(result).toMatchObject({ ok: false, outcome: 'mail_refused', detail })
  expect(JSON.stringify(result)).not.toContain('far side')
})

describe('TLS', () => {
  const certificate = { key: fixture('server-key.pem'), cert: fixture('self-signed.pem') }

  test('is demanded: a server that does not offer it gets no letter and no password', async () => {
    const seen: string[] = []
    await using server = await smtp({ onAuth: ({ password }) => void seen.push(password ?? '') })
    const asked = letter(server.port, { plaintext: false, username: 'me', password: 'hush' })
    expect(await mailer.send(asked)).toMatchObject({ ok: false, outcome: 'tls_failed' })
    expect(server.letters).toEqual([])
    expect(seen).toEqual([])
  })

  test.each([
    ['from the start', 'smtps', { secure: true }],
    ['by STARTTLS', 'smtp', { disabledCommands: [] }],
  ])('is verified %s, whatever the environment says', async (_, scheme, options) => {
    await using server = await smtp({ ...certificate, ...options })
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const asked = letter(server.port, { server: `${scheme}://127.0.0.1:${server.port}`, plaintext: false })
    expect(await mailer.send(asked)).toMatchObject({ ok: false, outcome: 'tls_failed' })
    expect(server.letters).toEqual([])
  })
})

test('with the authority trusted the certificate is checked against the name, from the start and by STARTTLS', async () => {
  const certificate = { key: fixture('server-key.pem'), cert: fixture('server.pem') }
  await using implicit = await smtp({ ...certificate, secure: true })
  await using upgraded = await smtp({ ...certificate, disabledCommands: [] })
  const asked = ['hooks.example.test', 'other.example.test'].flatMap((host) => [
    letter(0, { server: `smtps://${host}:${implicit.port}`, plaintext: false }),
    letter(0, { server: `smtp://${host}:${upgraded.port}`, plaintext: false }),
  ])
  expect(await sendTrusting(asked)).toEqual([true, true, 'tls_failed', 'tls_failed'])
  expect([implicit.letters, upgraded.letters].map(({ length }) => length)).toEqual([1, 1])
})

/** In a process that trusts the authority: Node reads NODE_EXTRA_CA_CERTS only when it starts. */
async function sendTrusting(letters: readonly MailRequest[]): Promise<unknown> {
  const program = `
    const { openMailer } = await import(${JSON.stringify(new URL('mail.ts', import.meta.url).href)})
    const mailer = openMailer({ ports: [], lookup: async () => ['127.0.0.1'] })
    const results = []
    for (const letter of ${JSON.stringify(letters)}) {
      const { ok, outcome } = await mailer.send(letter)
      results.push(ok || outcome)
    }
    process.stdout.write(JSON.stringify(results))`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', program],
    { env: { ...process.env, NODE_EXTRA_CA_CERTS: fileURLToPath(new URL('fixtures/authority.pem', import.meta.url)) } },
  )
  return JSON.parse(stdout)
}

describe('the address', () => {
  const reach = { ports: [443], allowCidrs: [], plaintext: false }

  test.each([
    ['smtps://mail.example.com', true],
    ['smtp://mail.example.com', true],
    ['smtp://mail.example.com:587', true],
    ['smtps://mail.example.com:443', true],
    ['SMTPS://mail.example.com', true],
    ['smtp://mail.example.com:25', 'port'],
    ['smtps://mail.example.com:6379', 'port'],
    ['https://mail.example.com', 'scheme'],
    ['mail.example.com', 'scheme'],
    ['', 'scheme'],
    ['smtp://', 'scheme'],
    ['smtp://mail.example.com/path', 'scheme'],
    ['smtp://mail.example.com?x=1', 'scheme'],
    ['smtp://user:hush@mail.example.com', 'userinfo'],
    ['smtp://127.0.0.1', 'address_blocked'],
    ['smtp://[::1]', 'address_blocked'],
    ['smtp://[::ffff:10.0.0.1]', 'address_blocked'],
    ['smtp://0x7f000001', 'address_spelling'],
    ['smtp://169.254.169.254', 'address_blocked'],
    ['smtp://mail.example.com\r\nRCPT', 'not_a_url'],
    [`smtp://${'a'.repeat(5_000)}.com`, 'too_long'],
  ])('%s', (server, verdict) => {
    const judged = judgeMailServer(server, reach)
    expect(judged.ok || judged.reason).toBe(verdict)
  })

  test('without TLS only what is listed is reached', () => {
    const plain = { ...reach, plaintext: true }
    expect(judgeMailServer('smtp://mail.example.com', plain)).toMatchObject({ ok: false, reason: 'plain_http' })
    expect(judgeMailServer('smtps://mail.example.com', plain)).toMatchObject({ ok: false, reason: 'scheme' })
    expect(judgeMailServer('smtp://10.1.2.3', { ...plain, allowCidrs: ['10.0.0.0/8'] }).ok).toBe(true)
  })

  test.each([
    ['a name that leads to this machine', ['127.0.0.1'], []],
    ['one that leads there beside elsewhere', ['192.0.2.1', '127.0.0.1'], []],
    ['a metadata service, even when it is listed', ['169.254.169.254'], ['169.254.0.0/16']],
  ])('%s is refused before anything is opened', async (_, addresses, allowCidrs) => {
    await using server = await smtp()
    const rebinding = openMailer({ ports: [server.port], lookup: async () => addresses })
    const asked = letter(server.port, {
      server: `smtp://mail.example.com:${server.port}`,
      plaintext: false,
      allowCidrs,
    })
    expect(await rebinding.send(asked)).toMatchObject({ ok: false, outcome: 'address_blocked' })
    expect(server.letters).toEqual([])
  })

  test('a name that is listed is asked for once, and the letter goes where it was judged to lead', async () => {
    await using server = await smtp()
    const answers = [['127.0.0.1'], ['169.254.169.254']]
    let asked = 0
    const changing = openMailer({ ports: [], lookup: async () => answers[asked++] ?? [] })
    const to = letter(server.port, { server: `smtp://mail.internal:${server.port}` })
    expect(await changing.send(to)).toMatchObject({ ok: true })
    expect(asked).toBe(1)
  })

  test('a name without an answer, and a port where nobody listens, are failures like any other', async () => {
    const lost = openMailer({ ports: [], lookup: async () => [] })
    expect(await lost.send(letter(1, { server: 'smtp://mail.internal:1' }))).toMatchObject({ outcome: 'dns_failed' })
    expect(await mailer.send(letter(1))).toMatchObject({ outcome: 'connection_refused' })
  })
})

describe('a far side that', () => {
  const endless = (socket: Socket, line: string) => {
    const more = () => {
      while (socket.write(line));
    }
    socket.on('drain', more)
    more()
  }

  test.each<[string, (socket: Socket) => void, string]>([
    ['never says a word', () => undefined, 'timeout'],
    [
      'says that it will speak, for ever',
      (socket) => setInterval(() => socket.write('220-wait\r\n'), 20).unref(),
      'timeout',
    ],
    [
      'sends ten megabytes without a line end',
      (socket) => void socket.write('2'.repeat(10 * 1024 * 1024)),
      'connection_reset',
    ],
    ['greets without end', (socket) => endless(socket, `220-${'x'.repeat(1_000)}\r\n`), 'connection_reset'],
    ['hangs up', (socket) => socket.destroy(), 'connection_reset'],
    ['speaks HTTP', (socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\n'), 'connection_reset'],
  ])('%s costs a bounded wait and a closed connection', async (_, behave, outcome) => {
    await using server = await tcpFarSide((socket) => behave(socket.resume()))
    // Only who says nothing is waited for to the end.
    const result = await mailer.send(letter(server.port, { timeoutMs: outcome === 'timeout' ? 700 : 20_000 }))
    expect(result).toMatchObject({ ok: false, outcome })
    expect(server.sockets).toHaveLength(1)
    const [socket] = server.sockets
    // Or the test ends by its own time-out.
    if (socket?.closed === false) await new Promise((resolve) => socket.once('close', resolve))
  })
})
