/**
 * What a file's text says of other files of its project: enough to tell which files belong together before anything is
 * parsed. Too many links cost time and nothing else; the analysis itself follows parsed imports.
 */
import type { Language } from '../parse/ir.ts'

/** `./a/b` is relative to the file's folder; `a/b` is looked for below each folder above it. Neither has an extension. */
export type Link = string

export function linksOf(language: Language, text: string): readonly Link[] {
  return [...new Set(LINKS[language](text))]
}

const LINKS: Readonly<Record<Language, (text: string) => readonly Link[]>> = {
  javascript: scriptLinks,
  typescript: scriptLinks,
  python: pythonLinks,
  go: (text) => all(text, /"((?:[\w.-]+\/)+[\w.-]+)"/g),
  java: () => [],
  ruby: (text) => all(text, /\brequire(?:_relative)?\s*\(?\s*['"]([\w./-]+)['"]/g).map((path) => `./${path}`),
  php: (text) =>
    all(text, /\b(?:require|include)(?:_once)?\b[^;'"]*['"]\/?([\w./-]+)\.php['"]/g).map((path) => `./${path}`),
}

function scriptLinks(text: string): readonly Link[] {
  return all(text, /(?:\bfrom|\brequire\s*\(|\bimport\s*\(?)\s*['"`]([^'"`\n]+)['"`]/g)
    .flatMap((source) =>
      /^(?:\.|[@~#]\/|src\/)/.test(source) ? [source.replace(/^[@~#]\//, '')] : workspacePaths(source),
    )
    .map((source) => source.replace(/\.(?:[cm]?[jt]sx?)$/, ''))
}

/** Where `@shop/billing/hooks` lies when it is a part of the same repository: `packages/billing/src/hooks` or the like. */
export function workspacePaths(source: string): readonly string[] {
  const [, name, rest] = /^@[\w.-]+\/([\w.-]+)(?:\/(.+))?$/.exec(source) ?? []
  if (name === undefined) return []
  return WORKSPACES.flatMap((folder) =>
    ['/src', ''].map((below) => `${folder}/${name}${below}${rest === undefined ? '' : `/${rest}`}`),
  )
}
const WORKSPACES = ['packages', 'libs', 'apps', 'modules', 'shared']

/** Django names its parts in strings: `include('shop.urls')`, `'shop.middleware.Signed'`. */
function pythonLinks(text: string): readonly Link[] {
  const links: Link[] = []
  for (const [, from = '', names = ''] of text.matchAll(
    /^[ \t]*from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]+)/gm,
  )) {
    const base = pythonPath(from)
    links.push(base)
    for (const name of names.matchAll(/(\w+)(?:\s+as\s+\w+)?/g)) links.push(`${base}/${name[1]}`)
  }
  for (const [, names = ''] of text.matchAll(/^[ \t]*import[ \t]+([\w., \t]+)/gm))
    for (const name of names.split(',')) links.push(pythonPath(name.trim().replace(/\s+as\s.*$/, '')))
  if (/\b(?:urlpatterns|MIDDLEWARE|ROOT_URLCONF|INSTALLED_APPS|_APPLICATION)\b/.test(text))
    for (const dotted of all(text, /['"]([A-Za-z_]\w*(?:\.\w+)+)['"]/g))
      links.push(pythonPath(dotted), pythonPath(dotted.replace(/\.\w+$/, '')))
  return links
}

/** `..a.b` is `./../a/b`, `a.b` is `a/b`. */
function pythonPath(dotted: string): Link {
  const dots = /^\.*/.exec(dotted)?.[0].length ?? 0
  const path = dotted.slice(dots).replaceAll('.', '/')
  return dots === 0 ? path : `./${'../'.repeat(dots - 1)}${path}`
}

function all(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? '')
}
