/** Gates that reviews are known to pass over, each with every fault named on its line; their mended forms are silent. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { scanCode } from './scan-code.ts'

const FOLDER = fileURLToPath(new URL('../../../test/fixtures/missed-gates/', import.meta.url))

async function faultsIn(file: string): Promise<readonly string[]> {
  const { surfaces } = await scanCode([`${FOLDER}${file}`], { now: () => 0 })
  return surfaces
    .flatMap(({ evidence }) => evidence)
    .flatMap(({ rule, location }) => (rule === undefined ? [] : [`${rule} ${location?.line}`]))
    .sort()
}

test.each([
  [
    'a socket that asks only when it connects',
    'socket-handshake/open.js',
    ['ws-handshake-only-auth 11', 'ws-no-limits 4', 'ws-no-message-validation 10', 'ws-no-origin-check 4'],
  ],
  [
    'a signature over JSON that was written again, compared with !=',
    'resigned-payment/open.py',
    ['parsed-body-signature 17', 'unsafe-compare 18'],
  ],
  ['a result for whoever knows the id', 'export-result/open.py', ['async-owner-unbound 20']],
  [
    'an unsigned event, looked up and marked in a cache before it is handled',
    'cache-marker/open.py',
    ['dedupe-before-effect 15', 'dedupe-race 13', 'missing-signature 11', 'no-body-limit 6'],
  ],
  [
    'a signature that a missing header turns into an error, under a secret in the code',
    'plain-signature/half.py',
    ['compare-length-unguarded 16', 'missing-replay-protection 18', 'no-body-limit 8', 'secret-hardcoded 9'],
  ],
  ['the payment, signed over its bytes', 'resigned-payment/closed.py', []],
  ['the result, looked up within the caller’s own', 'export-result/closed.py', []],
])('%s', async (_, file, expected) => {
  expect(await faultsIn(file)).toEqual(expected)
})
