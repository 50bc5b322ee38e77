import { describe, expect, test } from 'vitest'
import { languageOf } from '../parse/languages.ts'
import { projectsOf } from './components.ts'
import { linksOf } from './links.ts'

/** Each project's files on a line. */
function projects(files: Readonly<Record<string, string>>, folders: readonly string[] = []): readonly string[] {
  const linked = Object.entries(files).map(([file, text]) => ({
    file,
    links: linksOf(languageOf(file)?.language ?? 'python', text),
  }))
  return projectsOf(linked, new Set(folders)).map((group) => group.join(' '))
}

describe('files belong together', () => {
  test('below one project file, and apart below two', () => {
    const files = { 'a/src/app.js': '', 'a/src/hooks/pay.js': '', 'b/app.py': '', 'b/settings.py': '' }
    expect(projects(files, ['a', 'b'])).toEqual(['a/src/app.js a/src/hooks/pay.js', 'b/app.py b/settings.py'])
    expect(projects(files, ['.', 'b'])).toEqual(['a/src/app.js a/src/hooks/pay.js', 'b/app.py b/settings.py'])
    expect(projects(files)).toHaveLength(4)
  })

  test.each([
    ['require', { 'x/app.js': "app.use(require('./routes'))", 'x/routes/index.js': '' }],
    ['import with an extension', { 'x/app.ts': "import hooks from './hooks.js'", 'x/hooks.ts': '' }],
    ['import of a folder above', { 'x/a/app.ts': "import { r } from '../b/r'", 'x/b/r.ts': '' }],
    ['import under a root', { 'x/src/app.ts': "import { r } from '@/b/r'", 'x/src/b/r.ts': '' }],
    [
      'a package of the repository',
      { 'x/apps/web/hook.ts': "import { v } from '@shop/signing/hmac'", 'x/packages/signing/src/hmac.ts': '' },
    ],
    ['from . import', { 'x/__init__.py': 'from . import views', 'x/views.py': '' }],
    ['from .. import', { 'x/y/a.py': 'from ..b import c', 'x/b.py': '' }],
    [
      'from package import (several)',
      { 'x/app.py': 'from api import (\n  one,\n  hooks as h,\n)', 'x/api/hooks.py': '' },
    ],
    ['import a, b', { 'x/app.py': 'import os, hooks as h', 'x/hooks.py': '' }],
    [
      'a string of Django',
      { 'x/site/urls.py': "urlpatterns = [path('', include('shop.urls'))]", 'x/shop/urls.py': '' },
    ],
    ['a class in a string', { 'x/s/settings.py': "MIDDLEWARE = ['s.guard.Signed']", 'x/s/guard.py': '' }],
    ['a Go package', { 'x/main.go': 'import "example.com/shop/internal/hooks"', 'x/internal/hooks/h.go': '' }],
    ['one Go folder', { 'x/main.go': '', 'x/hooks.go': '' }],
    ['one Java source root', { 'x/src/main/java/a/A.java': '', 'x/src/main/java/b/B.java': '' }],
    ['Rails', { 'x/config/routes.rb': '', 'x/app/controllers/hooks_controller.rb': '' }],
    ['require of PHP', { 'x/hook.php': "require __DIR__ . '/lib/verify.php';", 'x/lib/verify.php': '' }],
  ])('%s', (_, files) => {
    expect(projects(files)).toHaveLength(1)
  })

  test('a chain of links is one project, whatever the order', () => {
    const files = { 'a.py': 'import b', 'd.py': 'import c', 'b.py': 'import c', 'c.py': '', 'e.py': '' }
    expect(projects(files)).toEqual(['a.py d.py b.py c.py', 'e.py'])
  })

  test.each([
    ['packages from elsewhere', "const x = require('express'); import y from 'ws'"],
    ['a link out of the tree', "require('../../../../../etc/passwd')"],
    ['names of prototypes', "require('./__proto__'); require('./constructor')"],
    ['half an import', "import { a from './'; require('"],
  ])('%s joins nothing', (_, text) => {
    expect(projects({ 'x/app.js': text, 'x/other.js': '' })).toHaveLength(2)
  })

  test('circles and thousands of files end', () => {
    const files = Object.fromEntries(
      Array.from({ length: 5000 }, (_, n) => [`m${n}.js`, `require('./m${(n + 1) % 5000}')`]),
    )
    expect(projects(files)).toHaveLength(1)
  })
})
