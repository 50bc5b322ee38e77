/**
 * The modules of a project and how they name one another.
 *
 * A module is read and parsed when something first asks for it. Names are resolved within the project; what leads
 * outside of it (packages, the platform) stays a dotted name, which the tables of knowledge know or do not.
 */
import { dirname, join, normalize } from 'node:path/posix'
import type { ClassIr, Expression, FunctionIr, Import, Module, Pattern, Statement } from '../parse/ir.ts'

/** Files by path below the project's root, with forward slashes. */
export interface SourceTree {
  has: (path: string) => boolean
  module: (path: string) => Module | undefined
  text: (path: string) => string | undefined
}

export type Declaration =
  | { readonly kind: 'function'; readonly fn: FunctionIr; readonly module: Module }
  | { readonly kind: 'class'; readonly cls: ClassIr; readonly module: Module }
  | { readonly kind: 'value'; readonly target: Pattern; readonly value: Expression; readonly module: Module }
  | { readonly kind: 'module'; readonly module: Module }
  | { readonly kind: 'outside'; readonly ref: string }

export interface Program {
  /** What a name at the top of a module stands for; follows imports within the project. */
  declaration: (module: Module, name: string) => Declaration | undefined
  /** What a module gives to others under a name. */
  exported: (module: Module, name: string) => Declaration | undefined
  /** The module an import or `require` leads to; `undefined` outside the project. */
  resolve: (from: Module, source: string) => Module | undefined
}

const MAX_HOPS = 12

export function createProgram(tree: SourceTree): Program {
  const declared = new Map<Module, ReadonlyMap<string, Declaration>>()
  const imported = new Map<Module, ReadonlyMap<string, Import>>()

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

  const resolve = (from: Module, source: string): Module | undefined => {
    const candidates =
      from.language === 'python' ? pythonPaths(from.file, source) : scriptPaths(tree, from.file, source)
    const path = candidates.find((candidate) => candidate !== from.file && tree.has(candidate))
    return path === undefined ? undefined : tree.module(path)
  }

  const declaration = (module: Module, name: string, hops = 0): Declaration | undefined => {
    if (hops > MAX_HOPS) return undefined
    const own = declarationsOf(module).get(name)
    if (own !== undefined) return own
    const entry = importsOf(module).get(name)
    if (entry !== undefined) return followImport(module, entry, hops)
    if (module.language !== 'python') return undefined
    for (const star of module.imports) {
      if (star.local !== '*') continue
      const target = resolve(module, star.source)
      const found = target === undefined ? undefined : declaration(target, name, hops + 1)
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

function joinModule(source: string, name: string): string {
  return source.endsWith('.') ? `${source}${name}` : `${source}.${name}`
}

function outsideName({ source, imported }: Import): string {
  const base = source.replace(/^node:/, '')
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
  return /^(src|app|lib|server)\//.test(source) ? above.map((folder) => join(folder, source)) : []
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

function ancestors(file: string): readonly string[] {
  const folders: string[] = []
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    folders.push(folder)
    if (folder === '.' || folder === '/' || folder === dirname(folder)) return folders
  }
}
