/**
 * The package as it is published: built into a folder of its own, resolved by its `exports`, imported by a plain Node.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findProvider, providers } from '../../src/providers/registry.ts'

const root = new URL('../../', import.meta.url).pathname
const home = mkdtempSync(join(tmpdir(), 'postern-package-'))
const folder = join(home, 'node_modules/postern')
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, { types: string; default: string }>
}
const ENTRIES = Object.keys(exports).filter((name) => /^\.\/verify(\/[a-z]+)?$/.test(name))

beforeAll(() => {
  mkdirSync(folder, { recursive: true })
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'))
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs'), join(folder, 'dist')], {
    // The build links against the types of this checkout's dependencies.
    cwd: root,
    stdio: 'pipe',
  })
}, 240_000)
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** Every module that importing this file loads, and every specifier that is not a file of ours. */
function graph(entry: string): { files: Set<string>; foreign: Set<string> } {
  const files = new Set<string>()
  const foreign = new Set<string>()
  const queue = [entry]
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (files.has(file)) continue
    files.add(file)
    const code = readFileSync(file, 'utf8')
    for (const [, from, bare, dynamic] of code.matchAll(
      /(?:^|\n)\s*(?:import|export)[^'"\n]*(?:\n[^'";]*)*?\bfrom ['"]([^'"]+)['"]|(?:^|\n)\s*import ['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g,
    )) {
      const specifier = from ?? bare ?? dynamic ?? ''
      if (specifier.startsWith('.')) queue.push(join(dirname(file), specifier))
      else foreign.add(specifier)
    }
  }
  return { files, foreign }
}

const isBuiltIn = (specifier: string) => specifier.startsWith('node:') && builtinModules.includes(specifier.slice(5))

test('there is an entry for each framework', () => {
  expect(ENTRIES.sort()).toEqual(
    ['', '/express', '/fastify', '/hono', '/http', '/koa', '/nestjs', '/next'].map((name) => `./verify${name}`),
  )
})

test.each(ENTRIES)('%s imports node:crypto, node:buffer and own files, no provider and not the registry', (entry) => {
  const { files, foreign } = graph(join(folder, exports[entry]!.default))
  expect([...foreign].filter((each) => !isBuiltIn(each))).toEqual([])
  for (const specifier of foreign) expect(['node:crypto', 'node:buffer', 'node:zlib']).toContain(specifier)
  const names = [...files].map((file) => relative(join(folder, 'dist'), file))
  expect(names.length).toBeGreaterThan(1)
  for (const name of names) {
    expect(existsSync(join(folder, 'dist', name))).toBe(true)
    expect(name).toMatch(/^(verify|base|providers)\//)
    expect(name).not.toMatch(/providers\/(registry|definitions)/)
  }
})

test('a provider brings itself and nothing of the others', () => {
  for (const id of ['stripe', 'github', 'acme']) {
    const { files, foreign } = graph(join(folder, 'dist/providers/definitions', `${id}.js`))
    expect(foreign.size).toBe(0)
    const definitions = [...files].filter((file) => file.includes('/definitions/'))
    expect(definitions.map((file) => relative(join(folder, 'dist/providers/definitions'), file))).toEqual([`${id}.js`])
  }
})

test('every provider can be imported by its id, and is the one of the registry', () => {
  const script = `
    const ids = ${JSON.stringify([...providers.keys()])}
    for (const id of ids) {
      const found = Object.values(await import('postern/verify/providers/' + id)).filter((each) => each.id === id)
      if (found.length !== 1) throw new Error(id)
    }
    console.log(ids.length)`
  expect(run(script)).toBe(`${providers.size}\n`)
})

test('the packed registry of the build holds what the source holds', () => {
  const packed = JSON.parse(readFileSync(join(folder, 'dist/providers/definitions.json'), 'utf8')) as { id: string }[]
  expect(packed.map(({ id }) => id)).toEqual([...providers.keys()])
  expect(packed.find(({ id }) => id === 'stripe')).toEqual(findProvider('stripe'))
})

test('a plain Node imports every entry, without one dependency installed, and fails closed', () => {
  const script = `
    import { createVerifier } from 'postern/verify'
    import { stripe } from 'postern/verify/providers/stripe'
    const names = []
    for (const entry of ${JSON.stringify(ENTRIES)}) names.push(...Object.keys(await import('postern' + entry.slice(1))))
    try { createVerifier({ provider: stripe, secret: process.env.NOT_SET }) } catch (error) { console.log(error.message) }
    console.log(names.filter((name) => name.startsWith('webhook')).join())`
  const [message, names] = run(script).split('\n')
  expect(message).toContain('Stripe webhooks cannot be verified: key key-1 is missing')
  expect(names).toBe('webhook,webhookOf,webhook,webhook,webhook,webhook,webhookGuard,webhookOf,webhook,webhookApi')
})

test('the types are found by a consumer, without skipLibCheck hiding a broken file of ours', () => {
  const consumer = join(home, 'consumer.mts')
  writeFileSync(
    consumer,
    `import { createVerifier, memoryReplayStore, type Verification } from 'postern/verify'
import { webhook } from 'postern/verify/http'
import { stripe } from 'postern/verify/providers/stripe'
const verifier = createVerifier({ provider: stripe, secret: process.env['X'], replay: memoryReplayStore() })
export const result: Promise<Verification> = verifier.verify({ headers: {}, body: new Uint8Array() })
export const listener = webhook(verifier, ({ event }) => { const type: string | undefined = event.type; console.log(type) })
// @ts-expect-error the provider is an object, not a name
createVerifier({ provider: 'stripe', secret: 'x' })
`,
  )
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const types = join(root, 'node_modules/@types')
  const options = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--types',
    'node',
    '--typeRoots',
    types,
  ]
  const { status, stdout } = spawnSync(process.execPath, [tsc, ...options, consumer], { encoding: 'utf8', cwd: home })
  expect(stdout).toBe('')
  expect(status).toBe(0)
}, 120_000)

function run(script: string): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    cwd: home,
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return stdout
}
