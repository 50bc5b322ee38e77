import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CodeScan, scanCode } from './scan-code.ts'

const HOOK = `const express = require('express')
const { setPaid } = require('./orders')
const app = express()
app.post('/webhooks/pay', express.json({ limit: '64kb' }), async (req, res) => {
  await setPaid(req.body.order)
  res.sendStatus(204)
})
app.listen(3000)
`

let folder: string
let memory: string
beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), 'postern-cache-'))
  folder = join(root, 'tree')
  memory = join(root, 'memory')
  for (const service of ['billing', 'chat']) {
    await write(`${service}/package.json`, '{}')
    await write(`${service}/hook.js`, HOOK)
    await write(`${service}/orders.js`, 'exports.setPaid = async (order) => db.update(order)\n')
  }
})
afterEach(() => rm(dirname(folder), { recursive: true, force: true }))

test('an unchanged tree is answered from memory, and says the same', async () => {
  const first = await scan()
  expect(first.examined).toBe(2)
  const second = await scan()
  expect(second.examined).toBe(0)
  expect(second.result).toEqual(first.result)
})

test('a changed file costs its own project and no other', async () => {
  await scan()
  await write('billing/hook.js', HOOK.replace('/webhooks/pay', '/webhooks/paid'))
  const { examined, result } = await scan()
  expect(examined).toBe(1)
  expect(routesOf(result)).toEqual(['POST /webhooks/paid', 'POST /webhooks/pay'])
})

test('so does a file that a handler only leads to', async () => {
  await scan()
  await write('chat/orders.js', 'exports.setPaid = async (order) => {}\n')
  expect((await scan()).examined).toBe(1)
})

test('a file that comes or goes may be what a name leads to: everything is examined again', async () => {
  await scan()
  await write('chat/orders/index.js', 'exports.setPaid = async () => {}\n')
  expect((await scan()).examined).toBe(2)
  await rm(join(folder, 'chat/orders'), { recursive: true })
  expect((await scan()).examined).toBe(2)
})

test('another text of the same length and with the old time is another text', async () => {
  await scan()
  const file = join(folder, 'billing/hook.js')
  const { atime, mtime } = await stat(file)
  await writeFile(file, HOOK.replace('/webhooks/pay', '/webhooks/pai'))
  await utimes(file, atime, mtime)
  expect(routesOf((await scan()).result)).toContain('POST /webhooks/pai')
})

test('another scanner judges anew', async () => {
  await scan()
  expect((await scan('another')).examined).toBe(2)
})

test.each([
  ['cut short', (text: string) => text.slice(0, -10)],
  ['edited', (text: string) => text.replaceAll('unsafe', 'present')],
  ['empty', () => ''],
  ['of another kind', () => '[]\n{}'],
])('a memory that is %s is none', async (_, change) => {
  const { result } = await scan()
  const [name] = await readdir(memory)
  const file = join(memory, name ?? '')
  await writeFile(file, change(await readFile(file, 'utf8')))
  const again = await scan()
  expect(again.examined).toBe(2)
  expect(again.result).toEqual(result)
})

test('a memory that cannot be written costs time and nothing else', async () => {
  await writeFile(memory, 'a file where a folder should be')
  expect((await scan()).result.surfaces).toHaveLength(2)
})

test('what could not be parsed is tried again', async () => {
  await write('billing/deep.js', `${HOOK}${'(\n'.repeat(50_000)}1${')\n'.repeat(50_000)}`)
  const { result } = await scan()
  expect(result.incomplete).toBe(true)
  const again = await scan()
  expect(again.examined).toBe(1)
  expect(again.result.incomplete).toBe(true)
})

test('what is too large to be parsed is so again, and is not tried', async () => {
  await write('billing/large.js', `${HOOK}${'// a line of many\n'.repeat(65_000)}`)
  const first = await scan()
  expect(first.result.warnings).toMatchObject([{ message: 'The file is larger than 1048576 bytes.' }])
  const again = await scan()
  expect(again.examined).toBe(0)
  expect([again.result.warnings, again.result.incomplete]).toEqual([first.result.warnings, true])
})

function routesOf({ surfaces }: CodeScan): readonly (string | undefined)[] {
  return surfaces.map(({ route }) => route)
}

/** `examined` counts the projects that were not answered from memory. */
async function scan(version = 'one'): Promise<{ readonly examined: number; readonly result: CodeScan }> {
  const said: string[] = []
  const result = await scanCode([folder], {
    now: () => performance.now(),
    cache: { folder: memory, version },
    onProgress: (text) => said.push(text),
  })
  return { examined: said.filter((text) => text.startsWith('parsing')).length, result }
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true })
  await writeFile(join(folder, path), text)
}
