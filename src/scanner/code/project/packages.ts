/**
 * Names in languages whose files share a package: all files of a folder in Go, all classes of a folder in Java.
 *
 * A package is read file by file and only where the text has the name, so that a large one costs what is used of it.
 */
import { dirname, join, normalize } from 'node:path/posix'
import type { ClassIr, Expression, Module } from '../parse/ir.ts'
import type { Declaration, SourceTree } from './declarations.ts'

export interface Packages {
  /** What a name at the top of a module stands for: in its own file, in its package, or imported. */
  declaration: (module: Module, name: string) => Declaration | undefined
  /** What the package of a module gives to others. */
  exported: (module: Module, name: string) => Declaration | undefined
  resolve: (from: Module, source: string) => Module | undefined
}

/** What the program already knows to do for one file alone. */
export interface FileNames {
  readonly declarationsOf: (module: Module) => ReadonlyMap<string, Declaration>
}

// ── Go ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const GO_BUILTINS = new Set(
  'append cap clear close complex copy delete imag len make max min new panic print println real recover nil iota _'.split(
    ' ',
  ),
)

export function goPackages(tree: SourceTree, files: FileNames): Packages {
  const cache = new Map<string, Declaration | undefined>()

  const siblings = (folder: string, name: string): readonly Module[] =>
    tree
      .list(folder)
      .filter((file) => file.endsWith('.go') && tree.text(file)?.includes(name) === true)
      .flatMap((file) => tree.module(file) ?? [])

  const inPackage = (module: Module, name: string): Declaration | undefined => {
    if (GO_BUILTINS.has(name)) return undefined
    const folder = dirname(module.file)
    const key = `${folder}\n${name}`
    if (cache.has(key)) return cache.get(key)
    const [bare, only] = name.split('@')
    const found = [module, ...siblings(folder, bare ?? name)].flatMap((one) => {
      const declaration = files.declarationsOf(one).get(bare ?? name)
      return declaration === undefined || (only !== undefined && one.file !== only) ? [] : [declaration]
    })
    const answer = only === undefined ? whole(distinct(found)) : found[0]
    cache.set(key, answer)
    return answer
  }

  const resolve = (from: Module, source: string): Module | undefined => {
    for (const folder of goFolders(tree, from.file, source)) {
      if (folder === dirname(from.file)) continue
      const file = tree.list(folder).find((one) => one.endsWith('.go'))
      if (file !== undefined) return tree.module(file)
    }
    return undefined
  }

  return {
    resolve,
    exported: inPackage,
    declaration: (module, name) => {
      const own = inPackage(module, name)
      if (own !== undefined) return own
      const imports = module.imports.filter((one) => one.local === name)
      for (const entry of imports) {
        const target = resolve(module, entry.source)
        if (target !== undefined) return { kind: 'module', module: target }
      }
      const [first] = imports
      if (first !== undefined) return { kind: 'outside', ref: unversioned(first.source) }
      for (const star of module.imports) {
        const target = star.local === '*' ? resolve(module, star.source) : undefined
        const found = target === undefined ? undefined : inPackage(target, name)
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}

function distinct(found: readonly Declaration[]): readonly Declaration[] {
  return [
    ...new Map(found.map((one) => [one.kind === 'module' || one.kind === 'outside' ? one : one.module, one])).values(),
  ]
}

/** A type whose methods lie in several files has the parts in other files as bases. */
function whole(found: readonly Declaration[]): Declaration | undefined {
  const classes = found.filter((one) => one.kind === 'class')
  const [first] = found
  const main = classes.find((one) => one.cls.partial !== true) ?? classes[0]
  if (main === undefined || classes.length < 2) return main ?? first
  const parts = classes
    .filter((one) => one !== main)
    .map((one): Expression => ({ kind: 'name', name: `${one.cls.name}@${one.module.file}`, at: one.cls.at }))
  const cls: ClassIr = { ...main.cls, bases: [...parts, ...main.cls.bases] }
  return { kind: 'class', cls, module: main.module }
}

function goFolders(tree: SourceTree, file: string, source: string): readonly string[] {
  const above = ancestors(file)
  for (const folder of above) {
    const text = tree.text(join(folder, 'go.mod'))
    const name = text === undefined ? undefined : /^module\s+"?([^\s"]+)/m.exec(text)?.[1]
    if (name === undefined) continue
    if (source === name) return [normalize(folder)]
    return source.startsWith(`${name}/`) ? [join(folder, source.slice(name.length + 1))] : []
  }
  // Without go.mod the module's own name is not known; a path below host, owner and repository may be a folder here.
  const parts = source.split('/')
  if (parts[0]?.includes('.') !== true || parts.some((part) => /^v\d+$/.test(part))) return []
  const rest = parts.slice(/^(?:github|gitlab|bitbucket)\./.test(parts[0]) ? 3 : 2).join('/')
  return rest === '' ? [] : above.map((folder) => join(folder, rest))
}

function unversioned(source: string): string {
  return source.replace(/\/v\d+(?=\/|$)/g, '').replace(/\.v\d+$/, '')
}

// ── Java ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export function javaPackages(tree: SourceTree, files: FileNames): Packages {
  const classIn = (module: Module | undefined, name: string): Declaration | undefined => {
    const found = module === undefined ? undefined : files.declarationsOf(module).get(name)
    return found?.kind === 'class' ? found : undefined
  }

  const fromFolder = (folder: string, name: string): Declaration | undefined => {
    // What is only an interface here may have its one implementation beside it.
    for (const file of [`${name}.java`, `${name}Impl.java`, `impl/${name}Impl.java`, `Default${name}.java`]) {
      const path = join(folder, file)
      const module = tree.has(path) ? tree.module(path) : undefined
      const found = classIn(module, name) ?? classIn(module, file.replace(/^.*\//, '').replace(/\.java$/, ''))
      if (found !== undefined) return found
    }
    return undefined
  }

  const foldersOf = (file: string, path: string): readonly string[] =>
    ancestors(file).flatMap((folder) => [join(folder, path), join(folder, 'src/main/java', path)])

  const byPath = (module: Module, path: string): Declaration | undefined => {
    const parts = path.split('.')
    const name = parts.at(-1) ?? path
    for (const folder of foldersOf(module.file, parts.slice(0, -1).join('/'))) {
      const found = fromFolder(folder, name)
      if (found !== undefined) return found
    }
    // A class within a class.
    const outer = parts.at(-2)
    if (outer === undefined || !/^[A-Z]/.test(outer)) return undefined
    for (const folder of foldersOf(module.file, parts.slice(0, -2).join('/'))) {
      const file = join(folder, `${outer}.java`)
      const found = tree.has(file) ? classIn(tree.module(file), name) : undefined
      if (found !== undefined) return found
    }
    return undefined
  }

  const ofClass = (declared: Declaration | undefined, name: string): Declaration | undefined => {
    if (declared?.kind !== 'class') return undefined
    const { cls, module } = declared
    const fn = cls.methods.find((method) => method.name === name)
    if (fn !== undefined) return { kind: 'function', fn, module }
    const field = cls.fields.find((one) => one.name === name)
    if (field?.value === undefined) return undefined
    return { kind: 'value', target: { kind: 'name', name, at: field.at }, value: field.value, module }
  }

  return {
    exported: classIn,
    resolve: (from, source) => {
      const found = byPath(from, source)
      return found?.kind === 'class' ? found.module : undefined
    },
    declaration: (module, name) => {
      const own = classIn(module, name)
      if (own !== undefined) return own
      const entry = module.imports.find((one) => one.local === name)
      if (entry !== undefined) {
        const { source, imported } = entry
        if (imported === 'default') return byPath(module, source) ?? { kind: 'outside', ref: source }
        return ofClass(byPath(module, source), imported) ?? { kind: 'outside', ref: `${source}.${imported}` }
      }
      const beside = /^[A-Z]/.test(name) ? fromFolder(dirname(module.file), name) : undefined
      if (beside !== undefined) return beside
      for (const star of module.imports) {
        if (star.local !== '*') continue
        const found = byPath(module, `${star.source}.${name}`) ?? ofClass(byPath(module, star.source), name)
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}

function ancestors(file: string): readonly string[] {
  const folders: string[] = []
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    folders.push(folder)
    if (folder === '.' || folder === '/' || folder === dirname(folder)) return folders
  }
}
