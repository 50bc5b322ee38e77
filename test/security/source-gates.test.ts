/** What must stay true of the source itself, because no request could show that it had changed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../src/', import.meta.url))
// The scanner's rules quote, in examples and fixes, what is right and wrong elsewhere.
const sources = readdirSync(root, { recursive: true })
  .map((file) => String(file).replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && !/\.(test|conformance)\.ts$/.test(file))
  .filter((file) => !file.startsWith('scanner/code/rules/'))
  .map((file) => ({ file, text: readFileSync(root + file, 'utf8') }))
const filesWith = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file)

test('the gates look at the source', () => {
  expect(sources.length).toBeGreaterThan(150)
})

test('S-06 digests are compared by timingSafeEqual, at five places, and by no operator', () => {
  // The catalogue and the rules of the scanner only speak of it.
  expect(
    filesWith(/timingSafeEqual\(/)
      .filter((file) => !/^(?:catalogue|scanner\/spec\/rules)\//.test(file))
      .sort(),
  ).toEqual([
    'access/authenticate.ts',
    // The hash of a body, against one that is signed.
    'providers/cases.ts',
    'providers/jwt.ts',
    'providers/shared-secret.ts',
    'providers/signed.ts',
  ])
  // `digest(…) === …`, and names of what is secret on either side of an equality.
  expect(filesWith(/\.digest\([^)]*\)\s*[!=]==?|[!=]==?\s*\w*\.digest\(/)).toEqual([])
  expect(
    filesWith(/\b(?:signature|hmac|mac|token|secret|apiKey)\s*[!=]==?\s*(?!undefined|null|''|'function'|')[a-z]/),
  ).toEqual([])
})

test('S-04 no default secret: outside the proofs of definitions nothing looks like one', () => {
  const suspicious = /(?:secret|password|apiKey|token)['"]?\s*(?:[:=]|\?\?|\|\|)\s*['"](?!$)[A-Za-z0-9+/_-]{8,}['"]/i
  expect(
    filesWith(suspicious).filter((file) => !/^(?:providers\/definitions|catalogue|scanner\/code\/rules)\//.test(file)),
  ).toEqual([])
  expect(filesWith(/whsec_[A-Za-z0-9+/]{16,}/).filter((file) => !file.startsWith('providers/definitions/'))).toEqual([])
})

test('S-32 there is one reader of webhook bodies', () => {
  const ingress = sources.filter(({ file }) => file.startsWith('flow/ingress/'))
  const readers = ingress.filter(({ text }) =>
    /\.(?:on|once|addListener)\('data'|for await \(|\.pipe\(|\.read\(/.test(text),
  )
  // answer.ts throws away what follows an answer, and counts it.
  expect(readers.map(({ file }) => file).sort()).toEqual(['flow/ingress/answer.ts', 'flow/ingress/body.ts'])
})

test('S-07 S-18 the algorithm is the definition’s: nothing in the engine takes one from a request, and MD5 is not there', () => {
  const engine = sources.filter(
    ({ file }) => file.startsWith('providers/') && !file.startsWith('providers/definitions/'),
  )
  expect(
    engine
      .filter(({ text }) =>
        /create(?:Hmac|Hash)\((?!'sha|scheme\.algorithm|\w+\.algorithm|value\.hash|value\.hmac|form\.derive|HASHES\[algorithm\])/.test(
          text,
        ),
      )
      .map(({ file }) => file),
  ).toEqual([])
  expect(filesWith(/['"]md5['"]/i).filter((file) => file.startsWith('providers/'))).toEqual([])
})

test('the index names every id once, and only files that exist', () => {
  const index = readFileSync(new URL('README.md', import.meta.url), 'utf8')
  const rows = index.split('\n').filter((line) => /^\| [SB]-?\d/.test(line))
  const ids = rows.flatMap((row) =>
    row
      .split('|')[1]!
      .split(',')
      .map((id) => id.trim()),
  )
  const range = (prefix: string, from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, n) => prefix + String(from + n).padStart(prefix === 'B' ? 1 : 2, '0'))
  const demanded = [
    ...range('S-', 1, 26),
    ...range('S-', 30, 43),
    ...range('S-', 50, 61),
    'S-75',
    'S-78',
    'S-79',
    ...range('S-', 90, 99),
    ...range('B', 1, 24),
  ]
  expect(ids.sort()).toEqual(demanded.sort())
  const repository = new URL('../../', import.meta.url)
  for (const [, file = ''] of rows.join('\n').matchAll(/`([\w./-]+\.ts)`/g)) {
    expect(existsSync(new URL(file.includes('/') ? file : `test/security/${file}`, repository)), file).toBe(true)
  }
})
