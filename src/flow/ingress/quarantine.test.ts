import { expect, test } from 'vitest'
import { freshDatabase } from '../../../test/support/database.ts'
import { anIntegration, silent } from '../../../test/support/flow.ts'
import { DEFAULT_TENANT, newId, type Uuid } from '../../base/model/ids.ts'
import { openQuarantine } from './quarantine.ts'

const refused = (integrationId: Uuid, reason: string) => ({
  ...{ id: newId(), tenantId: DEFAULT_TENANT, integrationId, reason, receivedAt: Date.now(), sourceIp: '127.0.0.1' },
  ...{ method: 'POST', target: '/', headers: '[]', body: Buffer.from('{}') },
})

test('every refusal is counted for the rules that alert, kept or not, over all gateways', async () => {
  await using db = await freshDatabase()
  const [one, other] = [await anIntegration(db), await anIntegration(db)]
  const keeps = openQuarantine({ db, log: silent, maxRows: 1, maxBytes: 1_000 })
  const keepsNothing = openQuarantine({ db, log: silent, maxRows: 0, maxBytes: 0 })
  for (const gateway of [keeps, keepsNothing]) {
    for (const reason of ['signature_mismatch', 'signature_missing', 'signature_stale', 'signature_future'])
      gateway.keep(refused(one, reason))
    gateway.keep(refused(other, 'signature_mismatch'))
  }
  await Promise.all([keeps.close(), keepsNothing.close()])
  const { rows } = await db.query(
    `select integration_id as id, sum(refused)::integer as refused, sum(untimely)::integer as untimely
     from refusal_counts group by 1 order by 1`,
  )
  expect(rows).toEqual([
    { id: one, refused: 8, untimely: 4 },
    { id: other, refused: 2, untimely: 0 },
  ])
})

test('an integration that was deleted meanwhile takes nothing from the others', async () => {
  await using db = await freshDatabase()
  const one = await anIntegration(db)
  const quarantine = openQuarantine({ db, log: silent, maxRows: 0, maxBytes: 0 })
  quarantine.keep(refused(newId(), 'signature_mismatch'))
  quarantine.keep(refused(one, 'signature_mismatch'))
  await quarantine.close()
  expect((await db.query('select integration_id as id, refused from refusal_counts')).rows).toEqual([
    { id: one, refused: 1 },
  ])
})
