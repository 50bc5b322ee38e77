/**
 * For mutation testing: after a test has failed, the files after it are not even read. Without this the runner imports
 * each of them to find that nothing in it is to be run, which takes longer than all tests together.
 */
import { afterEach } from 'vitest'

const seen = globalThis as { testHasFailed?: boolean }

if (seen.testHasFailed === true) throw new Error('not read: a test before it has failed')

afterEach(({ task }) => {
  if (task.result?.state === 'fail') seen.testHasFailed = true
})
