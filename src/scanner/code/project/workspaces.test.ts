import { expect, test } from 'vitest'
import { loadGrammars } from '../parse/grammars.ts'
import { createProgram } from './program.ts'
import { parsingTree } from './source-tree.ts'

const grammars = await loadGrammars(new Set(['typescript']))
const FROM = 'apps/web/app/api/hook/route.ts'

/** The file in which `verify` is found when a route imports it from `source`. */
function home(source: string, files: Readonly<Record<string, string>>): string | undefined {
  const all: Record<string, string> = { ...files, [FROM]: `import { verify } from '${source}'` }
  const tree = parsingTree(
    (path) => all[path],
    (path) => Object.hasOwn(all, path),
    grammars,
    () => 0,
  )
  const module = tree.module(FROM)
  const found = module === undefined ? undefined : createProgram(tree).declaration(module, 'verify')
  return found === undefined || found.kind === 'outside' ? undefined : found.module.file
}

const VERIFY = 'export function verify() {}'

test.each([
  ['@shop/signing', 'packages/signing/src/index.ts', { 'packages/signing/package.json': '{"name":"@shop/signing"}' }],
  [
    '@shop/signing/hmac',
    'packages/signing/src/hmac.ts',
    { 'packages/signing/package.json': '{"name":"@shop/signing"}' },
  ],
  ['@shop/signing/src/hmac', 'libs/signing/src/hmac.ts', {}],
])('%s is %s of the same repository', (source, file, others) => {
  expect(home(source, { ...others, [file]: VERIFY })).toBe(file)
})

test.each([
  [
    'a package of another name in such a folder',
    '@nestjs/common',
    { 'packages/common/package.json': '{"name":"@shop/common"}' },
  ],
  ['a whole package whose name is not in sight', '@nestjs/common', {}],
])('%s is not taken for it', (_, source, others) => {
  expect(home(source, { ...others, 'packages/common/src/index.ts': VERIFY })).toBeUndefined()
})
