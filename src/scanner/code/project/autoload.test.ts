import { expect, test } from 'vitest'
import { loadGrammars } from '../parse/grammars.ts'
import { underscored } from './autoload.ts'
import { createProgram } from './program.ts'
import { parsingTree } from './source-tree.ts'

const grammars = await loadGrammars(new Set(['ruby', 'php']))

/** What a name in a file stands for: its kind and the file it was found in. */
function resolved(files: Readonly<Record<string, string>>, from: string, name: string): string {
  const tree = parsingTree(
    (path) => files[path],
    (path) => Object.hasOwn(files, path),
    grammars,
    () => 0,
  )
  const module = tree.module(from)
  const found = module === undefined ? undefined : createProgram(tree).declaration(module, name)
  if (found === undefined) return 'nothing'
  return found.kind === 'outside' ? found.ref : `${found.kind} ${found.module.file}`
}

test.each([
  ['HTTPClient', 'http_client'],
  ['StripeSigned', 'stripe_signed'],
  ['V1', 'v1'],
  ['OAuth2Token', 'o_auth2_token'],
])('%s lies in %s', (name, expected) => {
  expect(underscored(name)).toBe(expected)
})

const RUBY = {
  'app/controllers/api/hooks_controller.rb': 'module Api\nclass HooksController < Base\nend\nend',
  'app/controllers/api/base.rb': 'class Api::Base\nKEY = 1\nend',
  'app/services/verifier.rb': 'class Verifier\nend',
  'lib/signing.rb': 'module Signing\nclass Failed < StandardError; end\nend',
}

test.each([
  ['Base', 'class app/controllers/api/base.rb'],
  ['Base::KEY', 'value app/controllers/api/base.rb'],
  ['Verifier', 'class app/services/verifier.rb'],
  ['Signing::Failed', 'class lib/signing.rb'],
  ['Stripe::Webhook', 'nothing'],
])('Ruby finds %s', (name, expected) => {
  expect(resolved(RUBY, 'app/controllers/api/hooks_controller.rb', name)).toBe(expected)
})

test('a second question gets the same answer', () => {
  const tree = parsingTree(
    (path) => RUBY[path as keyof typeof RUBY],
    (path) => Object.hasOwn(RUBY, path),
    grammars,
    () => 0,
  )
  const program = createProgram(tree)
  const module = tree.module('app/controllers/api/hooks_controller.rb')
  if (module === undefined) throw new Error('the file could not be parsed')
  expect(program.declaration(module, 'Verifier')).toBe(program.declaration(module, 'Verifier'))
})

const PHP = {
  'composer.json': '{"autoload":{"psr-4":{"Acme\\\\Shop\\\\":"source/"}}}',
  'public/hook.php':
    "<?php use Acme\\Shop\\Verifier; use Vendor\\Thing; require __DIR__ . '/../inc/db.php'; new Verifier();",
  'source/Verifier.php': '<?php namespace Acme\\Shop; class Verifier extends Base {}',
  'source/Base.php': '<?php namespace Acme\\Shop; class Base {}',
  'inc/db.php': '<?php function store($x) {}',
}

test.each([
  ['public/hook.php', 'Verifier', 'class source/Verifier.php'],
  ['source/Verifier.php', 'Base', 'class source/Base.php'],
  ['public/hook.php', 'store', 'function inc/db.php'],
  ['public/hook.php', 'Thing', 'Vendor.Thing'],
])('PHP in %s finds %s', (from, name, expected) => {
  expect(resolved(PHP, from, name)).toBe(expected)
})
