import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, MASTER_KEY, ROOT_KEY, testApi } from '../../../test/support/api.ts'
import { freshDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { createKeyring } from '../../resources/secrets/keyring.ts'
import { createReferences } from '../../resources/secrets/references.ts'

let db: TestDatabase
let folder: string
beforeAll(async () => {
  db = await freshDatabase()
  folder = await mkdtemp(join(tmpdir(), 'postern-leak-'))
})
afterAll(async () => {
  await db[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const aSecret = () => `whsec_${randomBytes(24).toString('base64')}`

test('B2: no response, log line, audit entry or column holds a secret that a whole life of integrations used', async () => {
  const secrets = {
    plain: aSecret(),
    rotated: aSecret(),
    fromFile: aSecret(),
    fromEnvironment: aSecret(),
    signing: `whsec_${randomBytes(32).toString('base64')}`,
    refused: `sk_live_${randomBytes(3).toString('hex')}`,
    bad: 'short7!',
  }
  await writeFile(join(folder, 'secret'), `${secrets.fromFile}\n`)
  const t = await testApi(db, {
    secrets: {
      keyring: createKeyring(MASTER_KEY),
      references: createReferences({
        environment: { BILLING_SECRET: secrets.fromEnvironment },
        dataDir: join(folder, 'data'),
      }),
    },
  })
  const answers: Answer[] = []
  const ask = async (...parameters: Parameters<typeof t.request>): Promise<Answer> => {
    const answer = await t.request(...parameters)
    answers.push(answer)
    return answer
  }
  const create = (fields: object) =>
    ask('POST', '/api/v1/integrations', {
      body: { provider: 'standard-webhooks', name: randomBytes(4).toString('hex'), ...fields },
    })

  const made = await create({
    secret: secrets.plain,
    destination: { url: 'https://example.com/hook', signingSecret: secrets.signing },
  })
  const byFile = await create({ secret: `file:${join(folder, 'secret')}` })
  const byName = await create({ secret: 'env:BILLING_SECRET' })
  expect([made.status, byFile.status, byName.status]).toEqual([201, 201, 201])
  expect([byFile.json.keys[0].form, byName.json.keys[0].form]).toEqual(['file', 'env'])

  // What is wrong with it must not be said by quoting it.
  expect((await create({ secret: secrets.refused })).status).toBe(400)
  expect((await create({ secret: secrets.bad })).status).toBe(400)
  expect((await create({ secret: [secrets.refused] })).status).toBe(400)
  expect(
    (await create({ secret: secrets.plain, destination: { url: `https://user:${secrets.refused}@example.com/` } }))
      .status,
  ).toBe(400)
  expect(
    (
      await create({
        secret: secrets.plain,
        destination: { url: 'https://example.com/', signingSecret: secrets.refused },
      })
    ).status,
  ).toBe(400)
  expect((await create({ name: made.json.name, secret: secrets.plain })).status).toBe(409)
  expect((await create({ provider: 'nobody', secret: secrets.plain })).status).toBe(400)
  expect((await ask('POST', '/api/v1/integrations', { body: `{"secret":"${secrets.refused}"` })).status).toBe(415)
  expect(
    (await ask('GET', '/api/v1/integrations', { headers: { 'x-internal-api-key': secrets.refused } })).status,
  ).toBe(401)

  const added = await ask('POST', `/api/v1/integrations/${made.json.id}/keys`, { body: { secret: secrets.rotated } })
  expect(added.status).toBe(201)
  expect((await ask('DELETE', `/api/v1/integrations/${made.json.id}/keys/${made.json.keys[0].id}`)).status).toBe(204)
  await ask('PATCH', `/api/v1/integrations/${made.json.id}`, { body: { name: 'renamed' } })
  const shown = await t.request('POST', `/api/v1/destinations/${made.json.destinations[0].id}/signing-secret`)
  expect(shown.status).toBe(201)
  for (const path of [
    'integrations',
    `integrations/${made.json.id}`,
    'audit-entries?pageSize=100',
    'events',
    'deliveries',
    'replays',
    'quarantine',
  ]) {
    expect((await ask('GET', `/api/v1/${path}`)).status).toBe(200)
  }

  const { rows: audit } = await db.query('select * from audit_entries')
  expect(audit.length).toBeGreaterThan(5)
  const tables = await Promise.all(
    ['integrations', 'integration_keys', 'destinations', 'routes'].map((table) =>
      db.query(`select t::text as row from ${table} t`),
    ),
  )
  const everything = {
    responses: answers.map(({ text, headers }) => text + JSON.stringify(headers)).join('\n'),
    log: t.logged(),
    audit: JSON.stringify(audit),
    rows: JSON.stringify(tables.map(({ rows }) => rows)),
  }
  expect(everything.log.length).toBeGreaterThan(1000)
  const all = { ...secrets, shown: shown.json.secret as string, root: ROOT_KEY, master: MASTER_KEY.toString('hex') }
  for (const [place, text] of Object.entries(everything)) {
    for (const [name, secret] of Object.entries(all)) {
      for (const form of [
        secret,
        secret.replace(/^whsec_/, ''),
        Buffer.from(secret).toString('base64'),
        Buffer.from(secret).toString('hex'),
      ]) {
        expect(text.includes(form), `${name} in ${place}`).toBe(false)
      }
    }
  }
  await t.api.close()
})
