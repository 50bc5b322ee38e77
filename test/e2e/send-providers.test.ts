/** Every scheme of every provider: set up with the command line, sent to, and lied to. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from '../../src/interfaces/cli/main.ts'
import { coverageOfScheme } from '../../src/providers/compile.ts'
import { needsOf } from '../../src/providers/needs.ts'
import { providers } from '../../src/providers/registry.ts'
import { generateSigningKey } from '../../src/providers/sign.ts'
import { aGateway, type TestGateway } from '../support/gateway.ts'

const CERTIFICATE_HEADER = 'x-client-cert'

let gateway: TestGateway
let folder: string
beforeAll(async () => {
  gateway = await aGateway({
    config: {
      POSTERN_CLIENT_CERT_HEADER: CERTIFICATE_HEADER,
      POSTERN_TRUSTED_PROXIES: '127.0.0.1/32,::1/128',
      POSTERN_PUBLIC_URL: 'https://hooks.example.com',
    },
  })
  folder = await mkdtemp(join(tmpdir(), 'postern-send-'))
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** In this process: a hundred and fifty schemes would be five hundred starts of Node. */
async function cli(args: readonly string[], input = '') {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await main(args, {
    stdout,
    stderr,
    stdin: Readable.from([input]),
    env: {
      POSTERN_URL: gateway.address,
      MANAGEMENT_API_KEY: gateway.managementKey,
      POSTERN_DATA_DIR: folder,
      POSTERN_CLIENT_CERT_HEADER: CERTIFICATE_HEADER,
    },
    startGateway: () => Promise.reject(new Error('no gateway is started here')),
  })
  const textOf = (stream: PassThrough) => String(stream.read() ?? '')
  return { code, stdout: textOf(stdout), stderr: textOf(stderr) }
}

const cases = [...providers.values()].flatMap((definition) =>
  definition.schemes.map((scheme) => ({ label: `${definition.id} ${scheme.name}`, definition, scheme })),
)

describe.each(cases)('$label', ({ definition, scheme }) => {
  test('is set up with what it needs, accepts what is genuine, and refuses what is not', async () => {
    const { settings, pin, signsUrl, keyKind } = needsOf(definition, scheme)
    const { signing, verifying } = generateSigningKey(scheme)
    const own = keyKind !== 'secret' && scheme.family !== 'mtls' && scheme.family !== 'fetch-back'
    const given = [
      ...settings
        .filter(
          ({ name, required }) => required === true || (scheme.family === 'basic' && name === scheme.usernameSetting),
        )
        .map(({ name, example }) => `${name}=${example}`),
      ...(own && pin !== undefined ? [`${pin.pin}=${pin.example}`] : []),
    ]
    const added = await cli(
      [
        ...['integrations', 'add', '--provider', definition.id, '--name', scheme.name, '--scheme', scheme.name],
        ...['--secret', '-', '--json', ...given.flatMap((each) => ['--setting', each])],
        ...(signsUrl ? ['--public-url', 'https://hooks.example.com/in/1'] : []),
      ],
      verifying,
    )
    expect(added.code, added.stderr).toBe(0)
    const { id } = JSON.parse(added.stdout) as { id: string }

    const key = join(folder, 'key')
    await writeFile(key, signing)
    const send = (...more: string[]) =>
      cli(['send', definition.id, '--integration', id, '--secret', `file:${key}`, '--json', ...more])
    const genuine = await send()
    if (scheme.family === 'fetch-back') {
      expect(genuine).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/make the event at/) })
      return
    }
    expect(genuine.code, genuine.stdout + genuine.stderr).toBe(0)
    const tamperings = ['signature', 'secret', ...(coverageOfScheme(scheme) === 'none' ? [] : ['body'])]
    for (const how of tamperings) {
      const forged = await send('--tamper', how)
      expect(forged.code, `${how}: ${forged.stdout}${forged.stderr}`).toBe(0)
      expect(forged.stdout, how).toMatch(/"outcome":"refused"/)
    }
  })
})

test('a provider’s own key cannot be had: in a sentence, what to do instead', async () => {
  for (const args of [
    ['discord'],
    ['aws-sns', '--secret', 'arn:aws:sns:eu-central-1:1:a'],
    ['plaid', '--secret', 'id:secret'],
  ]) {
    const { code, stdout, stderr } = await cli(['send', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/Only .* holds the private key .*--secret file:/)
  }
})

test('the commands of a page work as they are printed: a key pair of one’s own', async () => {
  const key = join(folder, 'test-key.pem')
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', key], { stdio: 'ignore' })
  const publicKey = execFileSync('openssl', ['pkey', '-in', key, '-pubout']).toString()
  const added = await cli(
    ['integrations', 'add', '--provider', 'telnyx', '--name', 'own', '--secret', '-', '--json'],
    publicKey,
  )
  const { id } = JSON.parse(added.stdout) as { id: string }
  expect((await cli(['send', 'telnyx', '--integration', id, '--secret', `file:${key}`])).code).toBe(0)
})

test('a key in a slot signs its own place', async () => {
  const secrets = ['Kj3-dk2_lW9xPq7zVb4nMc8r', 'second_Kj3-dk2_lW9xPq7z']
  const added = await cli([
    ...['integrations', 'add', '--provider', 'box', '--name', 'slots', '--json', '--secret', secrets[0]!],
    ...['--slot', `secondaryKey=${secrets[1]}`],
  ])
  const { id } = JSON.parse(added.stdout) as { id: string }
  const send = (secret: string, ...more: string[]) =>
    cli(['send', 'box', '--integration', id, '--secret', secret, '--json', ...more])
  expect((await send(secrets[1]!, '--slot', 'secondaryKey')).stdout).toMatch(/"status":2/)
  expect((await send(secrets[1]!)).stdout).toMatch(/"status":4/)
  expect((await send(secrets[0]!)).stdout).toMatch(/"status":2/)
  expect(await send(secrets[0]!, '--slot', 'third')).toMatchObject({ code: 2 })
})

test('what an integration needs is listed with the options that give it, where nobody can be asked', async () => {
  const { code, stdout, stderr } = await cli(['integrations', 'add', '--provider', 'ebay'])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  for (const option of ['--setting verificationToken=', '--setting endpointUrl=', '--secret '])
    expect(stderr).toContain(option)
})

test('providers are found by category, family, and nearly their name', async () => {
  const { stdout } = await cli(['providers', 'list', '--category', 'payments', '--family', 'hmac', '--json'])
  const rows = JSON.parse(stdout) as { id: string; category: string; schemes: { family: string }[] }[]
  expect(rows.map(({ id }) => id)).toContain('stripe')
  expect(
    rows.every(({ category, schemes }) => category === 'payments' && schemes.every(({ family }) => family === 'hmac')),
  ).toBe(true)
  expect(await cli(['providers', 'list', '--category', 'nonsense'])).toMatchObject({ code: 2, stdout: '' })
  for (const [typed, meant] of [
    ['strip', 'stripe'],
    ['git-hub', 'github'],
    ['sns', 'aws-sns'],
    ['Twillio', 'twilio'],
  ] as const)
    expect((await cli(['providers', 'show', typed])).stderr).toContain(meant)
})

test('every provider has a page for the terminal that fits it, and one JSON value', async () => {
  for (const { id, name } of providers.values()) {
    const { code, stdout } = await cli(['providers', 'show', id])
    expect(code).toBe(0)
    expect(stdout.split('\n')[0]).toContain(name)
    for (const word of ['undefined', '[object', 'NaN']) expect(stdout, id).not.toContain(word)
    expect(JSON.parse((await cli(['providers', 'show', id, '--json'])).stdout)).toMatchObject({ id, name })
  }
})
