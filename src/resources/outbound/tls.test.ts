/**
 * The certificates in fixtures/ were made with openssl for these tests: `authority.pem` signed `server.pem` and
 * `expired.pem`, both for hooks.example.test and 127.0.0.1. They protect nothing.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { httpFarSide, tcpFarSide, tlsFarSide } from '../../../test/support/far-side.ts'
import { openOutbound } from './request.ts'

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
const key = readFileSync(fixture('server-key.pem'))
const certificate = (name: string) => ({ key, cert: readFileSync(fixture(name)) })

afterEach(() => {
  vi.unstubAllEnvs()
})

/** Sends to loopback under a name of the test's choice. */
async function sendTo(url: string) {
  const outbound = openOutbound({ ports: [], allowHttp: false, lookup: async () => ['127.0.0.1'] })
  const request = {
    method: 'POST',
    url,
    headers: {},
    body: Buffer.from('{}'),
    timeoutMs: 10_000,
    allowCidrs: ['127.0.0.1/32'],
  }
  try {
    return await outbound.send(request)
  } finally {
    await outbound.close()
  }
}

/** The same in a process that trusts the authority: Node reads NODE_EXTRA_CA_CERTS only when it starts. */
async function sendTrusting(urls: readonly string[], env: Record<string, string> = {}): Promise<unknown> {
  const module = JSON.stringify(new URL('request.ts', import.meta.url).href)
  const program = `
    const { openOutbound } = await import(${module})
    const outbound = openOutbound({ ports: [], allowHttp: false, lookup: async () => ['127.0.0.1'] })
    const results = []
    for (const url of ${JSON.stringify(urls)}) {
      const request = { method: 'POST', url, headers: {}, body: Buffer.from('{}'), timeoutMs: 10_000, allowCidrs: ['127.0.0.1/32'] }
      const { ok, status, outcome, detail } = await outbound.send(request)
      results.push(ok ? status : outcome + ' ' + detail)
    }
    await outbound.close()
    process.stdout.write(JSON.stringify(results))`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', program],
    {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: fixture('authority.pem'), ...env },
    },
  )
  return JSON.parse(stdout)
}

describe('refused as tls_failed', () => {
  test.each([
    ['self-signed.pem', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['server.pem', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ])('%s, also when the environment switches verification off', async (name, detail) => {
    await using far = await tlsFarSide(certificate(name))
    const url = `https://hooks.example.test:${far.port}/`
    expect(await sendTo(url)).toMatchObject({ ok: false, outcome: 'tls_failed', detail })
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    expect(await sendTo(url)).toMatchObject({ ok: false, outcome: 'tls_failed', detail })
  })

  test('a far side that speaks no TLS, or only a version that is too old', async () => {
    await using plain = await tcpFarSide(
      (socket) => void socket.once('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')),
    )
    expect(await sendTo(`https://127.0.0.1:${plain.port}/`)).toMatchObject({ outcome: 'tls_failed' })
    await using old = await tlsFarSide({ ...certificate('server.pem'), minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' })
    expect(await sendTo(`https://127.0.0.1:${old.port}/`)).toMatchObject({ outcome: 'tls_failed' })
  })
})

test('a handshake that never ends is a timeout, one that is cut is a reset', async () => {
  await using silent = await tcpFarSide((socket) => void socket.resume())
  const outbound = openOutbound({ ports: [], allowHttp: false })
  const request = { method: 'GET', headers: {}, body: Buffer.alloc(0), allowCidrs: ['127.0.0.1/32'] }
  expect(await outbound.send({ ...request, url: `https://127.0.0.1:${silent.port}/`, timeoutMs: 200 })).toMatchObject({
    outcome: 'timeout',
  })
  await using cutting = await tcpFarSide((socket) => void socket.once('data', () => socket.resetAndDestroy()))
  expect(
    await outbound.send({ ...request, url: `https://127.0.0.1:${cutting.port}/`, timeoutMs: 10_000 }),
  ).toMatchObject({
    outcome: 'connection_reset',
  })
  await outbound.close()
})

test('a plain request to a TLS port is no answer', async () => {
  await using far = await tlsFarSide(certificate('server.pem'))
  expect(await sendTo(`http://127.0.0.1:${far.port}/`)).toMatchObject({ ok: false, outcome: 'connection_reset' })
  await using http = await httpFarSide()
  expect(await sendTo(http.url)).toMatchObject({ ok: true })
})

describe('with the authority trusted', () => {
  test.each([
    'TLSv1.2',
    'TLSv1.3',
  ] as const)('the certificate is checked against the name, although the socket goes to an address: %s', async (version) => {
    await using far = await tlsFarSide({ ...certificate('server.pem'), minVersion: version, maxVersion: version })
    const at = (host: string) => `https://${host}:${far.port}/`
    const wrong = 'tls_failed ERR_TLS_CERT_ALTNAME_INVALID'
    const hosts = [
      'hooks.example.test',
      'hooks.example.test.',
      '127.0.0.1',
      'other.example.test',
      'other.example.test',
      'hooks.example.test',
    ]

    // The wrong name twice: a session kept from the first refusal must not spare the second its check.
    expect(await sendTrusting(hosts.map(at))).toEqual([200, 200, 200, wrong, wrong, 200])
    expect(far.serverNames.slice(0, 3)).toEqual(['hooks.example.test', 'hooks.example.test', false])
  })

  test('a certificate that has expired is refused, whatever the environment says', async () => {
    await using far = await tlsFarSide(certificate('expired.pem'))
    const url = `https://hooks.example.test:${far.port}/`
    expect(await sendTrusting([url], { NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toEqual(['tls_failed CERT_HAS_EXPIRED'])
  })
})
