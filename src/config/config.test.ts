import { expect, test } from 'vitest'
import { PosternError } from '../base/model/errors.ts'
import { readConfig, retentionDefaults } from './config.ts'

function problemsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    if (!(error instanceof PosternError)) throw error
    return error.errors.map(({ path }) => path).sort()
  }
}

test('how long things are kept has defaults, which an empty variable leaves as they are, and may be for ever', () => {
  const defaults = { metadataDays: 90, payloadDays: 30, undeliveredDays: 180 }
  expect(retentionDefaults(readConfig({}))).toEqual(defaults)
  expect(retentionDefaults(readConfig({ POSTERN_RETENTION_DAYS: '', POSTERN_PAYLOAD_RETENTION_DAYS: ' ' }))).toEqual(
    defaults,
  )
  const forEver = { POSTERN_RETENTION_DAYS: 'forever', POSTERN_UNDELIVERED_RETENTION_DAYS: 'forever' }
  expect(retentionDefaults(readConfig(forEver))).toEqual({ metadataDays: null, payloadDays: 30, undeliveredDays: null })
})

test.each([
  [{ POSTERN_RETENTION_DAYS: '0' }, ['POSTERN_RETENTION_DAYS']],
  [{ POSTERN_RETENTION_DAYS: '-1' }, ['POSTERN_RETENTION_DAYS']],
  [{ POSTERN_RETENTION_DAYS: '1e3' }, ['POSTERN_RETENTION_DAYS']],
  [{ POSTERN_RETENTION_DAYS: '99999' }, ['POSTERN_RETENTION_DAYS']],
  [{ POSTERN_PAYLOAD_RETENTION_DAYS: 'never' }, ['POSTERN_PAYLOAD_RETENTION_DAYS']],
  [{ POSTERN_DEDUPE_DAYS: '1' }, ['POSTERN_DEDUPE_DAYS']],
  [{ POSTERN_DEDUPE_DAYS: 'forever' }, ['POSTERN_DEDUPE_DAYS']],
  // A payload outlives its event; events outlive what was never delivered; both at once.
  [{ POSTERN_RETENTION_DAYS: '29' }, ['POSTERN_PAYLOAD_RETENTION_DAYS']],
  [{ POSTERN_PAYLOAD_RETENTION_DAYS: 'forever' }, ['POSTERN_PAYLOAD_RETENTION_DAYS']],
  [{ POSTERN_RETENTION_DAYS: 'forever' }, ['POSTERN_UNDELIVERED_RETENTION_DAYS']],
  [
    { POSTERN_PAYLOAD_RETENTION_DAYS: '100', POSTERN_UNDELIVERED_RETENTION_DAYS: '80' },
    ['POSTERN_PAYLOAD_RETENTION_DAYS', 'POSTERN_UNDELIVERED_RETENTION_DAYS'],
  ],
])('%j stops the start with the names of what is wrong', (environment, names) => {
  expect(problemsOf(environment)).toEqual(names)
})
