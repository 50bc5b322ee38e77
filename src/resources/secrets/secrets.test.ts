import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../base/model/ids.ts'
import { createKeyring, openKeyring, type SecretContext } from './keyring.ts'
import { managementKey } from './management-key.ts'
import { createReferences } from './references.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-secrets-'))
})
afterAll(() => rm(folder, { recursive: true }))

const SECRET = 'whsec_a secret with ümläuts'
const aContext = (): SecretContext => ({ purpose: 'integration-key', tenantId: newId(), rowId: newId() })

describe('the keyring', () => {
  const keyring = createKeyring(Buffer.alloc(32, 1))

  test('opens what it sealed, for the row it was sealed for', () => {
    const context = aContext()
    for (const text of [SECRET, '', 'x'.repeat(70_000)])
      expect(keyring.open(context, keyring.seal(context, text))).toBe(text)
  })

  test('seals the same text to other bytes each time, and never to its own', () => {
    const context = aContext()
    const [a, b] = [keyring.seal(context, SECRET), keyring.seal(context, SECRET)]
    expect(a.equals(b)).toBe(false)
    expect(a.includes(SECRET)).toBe(false)
  })

  test('an envelope copied into another row, tenant or column does not open', () => {
    const context = aContext()
    const sealed = keyring.seal(context, SECRET)
    for (const other of [
      { ...context, rowId: newId() },
      { ...context, tenantId: newId() },
      { ...context, tenantId: context.rowId, rowId: context.tenantId },
      { ...context, purpose: 'destination-signing-key' as const },
    ]) {
      expect(() => keyring.open(other, sealed)).toThrow(/belongs to another row/)
    }
  })

  test('no changed, cut or lengthened envelope opens', () => {
    const context = aContext()
    const sealed = keyring.seal(context, 'short')
    for (let index = 0; index < sealed.length; index++) {
      const changed = Buffer.from(sealed)
      changed[index] = changed[index]! ^ 1
      expect(() => keyring.open(context, changed), `byte ${index}`).toThrow(/cannot be opened/)
      expect(() => keyring.open(context, sealed.subarray(0, index)), `first ${index}`).toThrow(/cannot be opened/)
    }
    expect(() => keyring.open(context, Buffer.concat([sealed, Buffer.from([0])]))).toThrow(/cannot be opened/)
  })

  test('another master key says that it is another one', () => {
    const context = aContext()
    const other = createKeyring(Buffer.alloc(32, 2))
    expect(() => other.open(context, keyring.seal(context, SECRET))).toThrow(/another master key/)
    expect(() => createKeyring(Buffer.alloc(16))).toThrow(/32 bytes/)
  })
})

describe('the master key', () => {
  test('is made once, is nobody else’s to read, and opens what it sealed after a restart', async () => {
    const dataDir = join(folder, 'made', 'deeper')
    const context = aContext()
    const sealed = (await openKeyring({ POSTERN_MASTER_KEY: undefined }, dataDir)).seal(context, SECRET)
    expect((await openKeyring({ POSTERN_MASTER_KEY: undefined }, dataDir)).open(context, sealed)).toBe(SECRET)
    expect((await stat(join(dataDir, 'master.key'))).mode & 0o777).toBe(0o600)
    expect(await readdir(dataDir)).toEqual(['master.key'])
  })

  test('twenty starts at once on an empty folder agree on one key', async () => {
    const dataDir = join(folder, 'race')
    const context = aContext()
    const rings = await Promise.all(
      Array.from({ length: 20 }, () => openKeyring({ POSTERN_MASTER_KEY: undefined }, dataDir)),
    )
    const sealed = rings[0]!.seal(context, SECRET)
    expect(rings.map((ring) => ring.open(context, sealed))).toEqual(Array(20).fill(SECRET))
    expect(await readdir(dataDir)).toEqual(['master.key'])
  })

  test('a file that others may read, that is damaged, or that is a link is refused and left as it is', async () => {
    const dataDir = join(folder, 'bad')
    await mkdir(dataDir)
    const path = join(dataDir, 'master.key')
    const open = () => openKeyring({ POSTERN_MASTER_KEY: undefined }, dataDir)
    await writeFile(path, 'ab'.repeat(32), { mode: 0o644 })
    await chmod(path, 0o644)
    await expect(open()).rejects.toThrow(/chmod 600/)
    await chmod(path, 0o600)
    for (const content of ['', 'not hex', 'ab'.repeat(31)]) {
      await writeFile(path, content)
      await expect(open()).rejects.toThrow(/64 hex digits/)
      expect(await readFile(path, 'utf8')).toBe(content)
    }
    await rm(path)
    await symlink(join(folder, 'elsewhere'), path)
    await expect(open()).rejects.toThrow()
  })

  test('the configured one is used without touching the folder', async () => {
    const context = aContext()
    const ring = await openKeyring({ POSTERN_MASTER_KEY: '01'.repeat(32) }, join(folder, 'untouched'))
    expect(createKeyring(Buffer.alloc(32, 1)).open(context, ring.seal(context, SECRET))).toBe(SECRET)
    await expect(stat(join(folder, 'untouched'))).rejects.toThrow()
  })
})

describe('the management key', () => {
  test('is made once outside production, and read again afterwards', async () => {
    const dataDir = join(folder, 'management')
    const config = { NODE_ENV: 'development', MANAGEMENT_API_KEY: undefined } as const
    const first = await managementKey(config, dataDir)
    expect(first).toMatchObject({ made: true, path: join(dataDir, 'management.key') })
    expect(first.key.length).toBeGreaterThan(40)
    expect((await stat(first.path!)).mode & 0o777).toBe(0o600)
    expect(await managementKey(config, dataDir)).toEqual({ ...first, made: false })
  })

  test('is demanded in production, and taken from the environment where it is set', async () => {
    const dataDir = join(folder, 'production')
    await expect(managementKey({ NODE_ENV: 'production', MANAGEMENT_API_KEY: undefined }, dataDir)).rejects.toThrow(
      /must be set/,
    )
    const key = 'a-key-from-the-environment'
    expect(await managementKey({ NODE_ENV: 'production', MANAGEMENT_API_KEY: key }, dataDir)).toEqual({
      key,
      made: false,
    })
    await expect(stat(dataDir)).rejects.toThrow()
  })
})

describe('references', () => {
  const environment = {
    GOOD: `${SECRET}\n`,
    EMPTY: '',
    BLANK: ' \n',
    POSTERN_MASTER_KEY: 'own',
    MANAGEMENT_API_KEY: 'own',
    DATABASE_URL: 'own',
  }
  const resolve = (reference: string) =>
    createReferences({ environment, dataDir: join(folder, 'data') }).resolve(reference)
  const file = async (name: string, content: string | Buffer) => {
    await writeFile(join(folder, name), content)
    return `file:${join(folder, name)}`
  }

  test('give the secret without the newline an editor adds, and nothing else is trimmed', async () => {
    expect(await resolve('env:GOOD')).toBe(SECRET)
    expect(await resolve(await file('plain', SECRET))).toBe(SECRET)
    expect(await resolve(await file('newline', `${SECRET}\n`))).toBe(SECRET)
    expect(await resolve(await file('crlf', `${SECRET}\r\n`))).toBe(SECRET)
    expect(await resolve(await file('two', ` ${SECRET} \n\n`))).toBe(` ${SECRET} \n`)
    expect(await resolve(await file('largest', 'x'.repeat(64 * 1024)))).toHaveLength(64 * 1024)
  })

  test('follow links, as mounted secrets are', async () => {
    await file('target', SECRET)
    await symlink(join(folder, 'target'), join(folder, 'link'))
    expect(await resolve(`file:${join(folder, 'link')}`)).toBe(SECRET)
  })

  test('name what is wrong and never quote what is there', async () => {
    await mkdir(join(folder, 'data'))
    await writeFile(join(folder, 'data', 'master.key'), 'own')
    await symlink(join(folder, 'data', 'master.key'), join(folder, 'sly'))
    execFileSync('mkfifo', [join(folder, 'pipe')])
    const cases: [string, RegExp][] = [
      ['env:MISSING', /env:MISSING is not set/],
      ['env:EMPTY', /empty/],
      ['env:BLANK', /empty/],
      ['env:toString', /not set/],
      ['env:', /not a variable name/],
      ['env:a b', /not a variable name/],
      ['env:POSTERN_MASTER_KEY', /Postern itself/],
      ['env:MANAGEMENT_API_KEY', /Postern itself/],
      ['env:database_url', /Postern itself/],
      ['file:relative', /absolute/],
      [`file:${join(folder, 'nowhere')}`, /cannot be read/],
      [`file:${folder}`, /not a file|cannot be read/],
      [`file:${join(folder, 'pipe')}`, /not a file/],
      [`file:${join(folder, 'data', 'master.key')}`, /data folder/],
      [`file:${join(folder, 'sly')}`, /data folder/],
      [`file:${folder}/x/../data/master.key`, /data folder|cannot be read/],
      [await file('large', 'y'.repeat(64 * 1024 + 1)), /larger/],
      [await file('binary', Buffer.from([0xff, 0xfe])), /not text/],
      [await file('nothing', '\n'), /empty/],
    ]
    for (const [reference, message] of cases) {
      const error = await resolve(reference).then(
        () => expect.unreachable(reference),
        (thrown: Error) => thrown,
      )
      expect(error.message, reference).toMatch(message)
      expect(error.message, reference).not.toMatch(/\bown\b|yyyy/)
    }
  })
})
