/**
 * The modules of a project and how they name one another.
 *
 * A module is read and parsed when something first asks for it. Names are resolved within the project; what leads
 * outside of it (packages, the platform) stays a dotted name, which the tables of knowledge know or do not.
 */
import { dirname, join, normalize } from 'node:path/posix'
import type { Import, Language, Module, Pattern, Statement } from '../parse/ir.ts'
import { ancestors, phpClassPaths, phpIncludePaths, rubyConstantPaths, rubyRequirePaths } from './autoload.ts'
import type { Declaration, SourceTree } from './declarations.ts'
import { workspacePaths } from './links.ts'
import { goPackages, javaPackages, type Packages } from './packages.ts'

export interface Program {
  /** What a name at the top of a module stands for; follows imports within the project. */
  declaration: (module: Module, name: string) => Declaration | undefined
  /** What a module gives to others under a name. */
  exported: (module: Module, name: string) => Declaration | undefined
  /** The module an import or `require` leads to; `undefined` outside the project. */
  resolve: (from: Module, source: string) => Module | undefined
}

export type { Declaration, SourceTree } from './declarations.ts'

const MAX_HOPS = 12

export function createProgram(tree: SourceTree): Program {
  const declared = new Map<Module, ReadonlyMap<string, Declaration>>()
  const imported = new Map<Module, ReadonlyMap<string, Import>>()
  const resolved = new Map<Module, Map<string, Module | undefined>>()
  const elsewhere = new Map<string, { readonly found: Declaration | undefined }>()

  const declarationsOf = (module: Module): ReadonlyMap<string, Declaration> => {
    const known = declared.get(module)
    if (known !== undefined) return known
    const found = new Map<string, Declaration>()
    for (const statement of module.body) declare(statement, module, found)
    declared.set(module, found)
    return found
  }
  const importsOf = (module: Module): ReadonlyMap<string, Import> => {
    const known = imported.get(module)
    if (known !== undefined) return known
    const found = new Map(module.imports.map((one) => [one.local, one]))
    imported.set(module, found)
    return found
  }

  const packages: Partial<Record<Language, Packages>> = {
    go: goPackages(tree, { declarationsOf }),
    java: javaPackages(tree, { declarationsOf }),
  }

  /** Each use of an imported name asks, and asking looks for dozens of files. */
  const resolve = (from: Module, source: string): Module | undefined => {
    const known = resolved.get(from) ?? new Map<string, Module | undefined>()
    resolved.set(from, known)
    if (!known.has(source)) known.set(source, find(from, source))
    return known.get(source)
  }

  const find = (from: Module, source: string): Module | undefined => {
    const shared = packages[from.language]
    if (shared !== undefined) return shared.resolve(from, source)
    const candidates = pathsOf(tree, from, source)
    const path = candidates.find((candidate) => candidate !== from.file && tree.has(candidate))
    return path === undefined ? undefined : tree.module(path)
  }

  const declaration = (module: Module, name: string, hops = 0): Declaration | undefined => {
    if (hops > MAX_HOPS) return undefined
    const shared = packages[module.language]
    if (shared !== undefined) return shared.declaration(module, name)
    const own = declarationsOf(module).get(name)
    if (own !== undefined) return own
    const entry = importsOf(module).get(name)
    if (entry !== undefined) return followImport(module, entry, hops)
    if (module.language === 'ruby' || module.language === 'php') {
      const loaded = autoloaded(module, name, hops)
      if (loaded !== undefined) return loaded
    } else if (module.language !== 'python') return undefined
    for (const star of module.imports) {
      if (star.local !== '*') continue
      const target = resolve(module, star.source)
      const found = target === undefined ? undefined : declaration(target, name, hops + 1)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** What no import names: a constant of a surrounding namespace, a class that the language finds by its name. */
  const autoloaded = (module: Module, name: string, hops: number): Declaration | undefined => {
    if (!/^[A-Z\\]/.test(name)) return undefined
    const separator = module.language === 'ruby' ? '::' : '\\'
    const around = module.language === 'ruby' ? namespacesOf(declarationsOf(module)) : []
    for (const candidate of [...around.map((one) => `${one}${separator}${name}`), name]) {
      const own = declarationsOf(module).get(candidate)
      if (own !== undefined) return own
      const known = elsewhere.get(`${dirname(module.file)}\n${candidate}`)
      const found = known === undefined ? findElsewhere(module, candidate, hops) : known.found
      elsewhere.set(`${dirname(module.file)}\n${candidate}`, { found })
      if (found !== undefined) return found
    }
    return undefined
  }

  const findElsewhere = (module: Module, name: string, hops: number): Declaration | undefined => {
    const paths =
      module.language === 'ruby'
        ? rubyConstantPaths(module.file, name)
        : name.includes('\\')
          ? phpClassPaths(module.file, name, tree.text)
          : [join(dirname(module.file), `${name}.php`)]
    for (const path of paths) {
      if (path === module.file || !tree.has(path)) continue
      const target = tree.module(path)
      const found =
        target === undefined
          ? undefined
          : target.language === 'ruby'
            ? declarationsOf(target).get(name)
            : declaration(target, name.split('\\').at(-1) ?? name, hops + 1)
      if (found !== undefined) return found
    }
    return undefined
  }

  const followImport = (module: Module, entry: Import, hops: number): Declaration => {
    const target = resolve(module, entry.source)
    if (target === undefined) {
      // `from . import services` names a module, not something in the package's own file.
      if (module.language === 'python' && entry.imported !== '*') {
        const sub = resolve(
          module,
          entry.source.endsWith('.') ? `${entry.source}${entry.imported}` : `${entry.source}.${entry.imported}`,
        )
        if (sub !== undefined) return { kind: 'module', module: sub }
      }
      return { kind: 'outside', ref: outsideName(entry) }
    }
    if (entry.imported === '*') return { kind: 'module', module: target }
    if (module.language === 'php') {
      const name = entry.source.split('\\').at(-1) ?? entry.source
      return declarationsOf(target).get(name) ?? { kind: 'outside', ref: outsideName(entry) }
    }
    const found = exported(target, entry.imported, hops + 1)
    if (found !== undefined) return found
    const sub = module.language === 'python' ? resolve(module, joinModule(entry.source, entry.imported)) : undefined
    if (sub !== undefined) return { kind: 'module', module: sub }
    return entry.imported === 'default'
      ? { kind: 'module', module: target }
      : { kind: 'outside', ref: outsideName(entry) }
  }

  const exported = (module: Module, name: string, hops = 0): Declaration | undefined => {
    if (hops > MAX_HOPS) return undefined
    const shared = packages[module.language]
    if (shared !== undefined) return shared.exported(module, name)
    if (module.language === 'python') return declaration(module, name, hops)
    for (const entry of module.exports) {
      if (entry.name !== name && entry.name !== '*') continue
      if (entry.source !== undefined) {
        const target = resolve(module, entry.source)
        if (target === undefined) continue
        if (entry.name !== '*' && entry.imported === '*') return { kind: 'module', module: target }
        const found = exported(target, entry.name === '*' ? name : (entry.imported ?? name), hops + 1)
        if (found !== undefined) return found
        continue
      }
      if (entry.value === undefined) continue
      if (entry.value.kind === 'name') return declaration(module, entry.value.name, hops + 1)
      return { kind: 'value', target: { kind: 'name', name, at: entry.at }, value: entry.value, module }
    }
    return undefined
  }

  return {
    declaration: (module, name) => declaration(module, name),
    exported: (module, name) => exported(module, name),
    resolve,
  }
}

function pathsOf(tree: SourceTree, from: Module, source: string): readonly string[] {
  switch (from.language) {
    case 'python':
      return pythonPaths(from.file, source)
    case 'ruby':
      return rubyRequirePaths(from.file, source)
    case 'php':
      return /\.(?:php|inc)$/.test(source)
        ? phpIncludePaths(from.file, source)
        : phpClassPaths(from.file, source, tree.text)
    default:
      return scriptPaths(tree, from.file, source)
  }
}

/** `A::B` for a module that declares `A::B::C`: what a bare name in it may be relative to, innermost first. */
function namespacesOf(declared: ReadonlyMap<string, Declaration>): readonly string[] {
  const names = new Set<string>()
  for (const name of declared.keys()) {
    const parts = name.split('::')
    for (let length = parts.length; length > 0; length--) names.add(parts.slice(0, length).join('::'))
  }
  return [...names].sort((a, b) => b.length - a.length)
}

function joinModule(source: string, name: string): string {
  return source.endsWith('.') ? `${source}${name}` : `${source}.${name}`
}

function outsideName({ source, imported }: Import): string {
  const base = source.replace(/^node:/, '').replaceAll('\\', '.')
  return imported === '*' || imported === 'default' ? base : `${base}.${imported}`
}

function declare(statement: Statement, module: Module, into: Map<string, Declaration>): void {
  const each = (body: readonly Statement[]): void => {
    for (const inner of body) declare(inner, module, into)
  }
  switch (statement.kind) {
    case 'function':
      into.set(statement.fn.name, { kind: 'function', fn: statement.fn, module })
      return
    case 'class':
      into.set(statement.cls.name, { kind: 'class', cls: statement.cls, module })
      return
    case 'assign':
      if (statement.operator !== undefined) return
      for (const name of boundNames(statement.target))
        if (!into.has(name)) into.set(name, { kind: 'value', target: statement.target, value: statement.value, module })
      return
    case 'if':
      each(statement.then)
      each(statement.otherwise)
      return
    case 'try':
      each(statement.body)
      each(statement.otherwise)
      for (const handler of statement.handlers) each(handler.body)
      return
    case 'with':
    case 'block':
      each(statement.body)
      return
    default:
  }
}

export function boundNames(pattern: Pattern): readonly string[] {
  switch (pattern.kind) {
    case 'name':
      return [pattern.name]
    case 'object':
      return [
        ...pattern.entries.flatMap(({ target }) => boundNames(target)),
        ...(pattern.rest === undefined ? [] : boundNames(pattern.rest)),
      ]
    case 'list':
      return pattern.items.flatMap(boundNames)
    default:
      return []
  }
}

const SCRIPT_SUFFIXES = [
  '',
  '.ts',
  '.tsx',
  '.js',
  '.jsx',
  '.mjs',
  '.cjs',
  '.mts',
  '/index.ts',
  '/index.tsx',
  '/index.js',
  '/index.mjs',
]

function scriptPaths(tree: SourceTree, file: string, source: string): readonly string[] {
  const bases = source.startsWith('.') ? [normalize(join(dirname(file), source))] : aliasPaths(tree, file, source)
  return bases.flatMap((base) => {
    // TypeScript sources import one another under the name they will have when built.
    const written = base.replace(/\.(js|mjs|cjs|jsx)$/, '')
    return SCRIPT_SUFFIXES.map((suffix) => (suffix === '' ? base : `${written}${suffix}`))
  })
}

/** `@/x`, `~/x`, `src/x` and what `paths` of a tsconfig.json above the file say. */
function aliasPaths(tree: SourceTree, file: string, source: string): readonly string[] {
  const above = ancestors(file)
  const configured = above.flatMap((folder) => tsconfigPaths(tree, folder, source))
  if (configured.length > 0) return configured
  const rest = /^[@~#]\/(.+)$/.exec(source)?.[1]
  if (rest !== undefined)
    return above.flatMap((folder) => [join(folder, 'src', rest), join(folder, rest), join(folder, 'app', rest)])
  if (source.startsWith('@')) return workspaceBases(tree, above, source)
  return /^(src|app|lib|server)\//.test(source) ? above.map((folder) => join(folder, source)) : []
}

const workspaces = new WeakMap<SourceTree, Map<string, readonly string[]>>()

/** A package of the same repository; one whose package.json has another name is somebody else's namesake. */
function workspaceBases(tree: SourceTree, above: readonly string[], source: string): readonly string[] {
  const known = workspaces.get(tree) ?? new Map<string, readonly string[]>()
  workspaces.set(tree, known)
  const key = `${above[0] ?? ''}\n${source}`
  const before = known.get(key)
  if (before !== undefined) return before
  const [scope, name = '', ...rest] = source.split('/')
  const bases = above.flatMap((folder) =>
    workspacePaths(source).flatMap((path) => {
      const base = join(folder, path)
      if (!SCRIPT_SUFFIXES.some((suffix) => tree.has(`${base}${suffix}`))) return []
      const text = tree.text(join(folder, ...path.split('/').slice(0, 2), 'package.json'))
      const isIt = text === undefined ? rest.length > 0 : text.includes(`"${scope}/${name}"`)
      return isIt ? [base] : []
    }),
  )
  known.set(key, bases)
  return bases
}

function tsconfigPaths(tree: SourceTree, folder: string, source: string): readonly string[] {
  const text = tree.text(join(folder, 'tsconfig.json')) ?? tree.text(join(folder, 'jsconfig.json'))
  const options = text === undefined ? undefined : compilerOptions(text)
  if (options === undefined) return []
  return Object.entries(options.paths).flatMap(([pattern, targets]) => {
    const prefix = pattern.replace(/\*$/, '')
    const hit = pattern.endsWith('*') ? source.startsWith(prefix) : source === pattern
    return hit
      ? targets.map((target) => join(folder, options.baseUrl, target.replace('*', source.slice(prefix.length))))
      : []
  })
}

function compilerOptions(
  text: string,
): { baseUrl: string; paths: Readonly<Record<string, readonly string[]>> } | undefined {
  try {
    const plain = text
      .replace(/^\s*\/\/.*$/gm, '')
      .replace(/\/\*[\s\S]*?\*\/(?=\s)/g, '')
      .replace(/,(\s*[}\]])/g, '$1')
    const parsed = JSON.parse(plain) as { compilerOptions?: { baseUrl?: unknown; paths?: unknown } }
    const { baseUrl, paths } = parsed.compilerOptions ?? {}
    if (typeof paths !== 'object' || paths === null) return undefined
    const lists = Object.entries(paths).filter(
      (entry): entry is [string, string[]] =>
        Array.isArray(entry[1]) && entry[1].every((one) => typeof one === 'string'),
    )
    return { baseUrl: typeof baseUrl === 'string' ? baseUrl : '.', paths: Object.fromEntries(lists) }
  } catch {
    return undefined
  }
}

function pythonPaths(file: string, source: string): readonly string[] {
  const dots = /^\.*/.exec(source)?.[0].length ?? 0
  const path = source.slice(dots).replaceAll('.', '/')
  if (dots > 0) {
    let folder = dirname(file)
    for (let up = 1; up < dots; up++) folder = dirname(folder)
    return path === '' ? [join(folder, '__init__.py')] : [join(folder, `${path}.py`), join(folder, path, '__init__.py')]
  }
  return ancestors(file).flatMap((folder) => [
    join(folder, `${path}.py`),
    join(folder, path, '__init__.py'),
    join(folder, 'src', `${path}.py`),
  ])
}
