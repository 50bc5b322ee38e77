/**
 * Which candidate files make one project: those below one project file, and those that name one another.
 *
 * What surrounds a handler (an application's middleware, settings, the router it is mounted in) is looked for within
 * its project only, so that two services in one tree do not explain each other; and projects can be examined apart.
 */
import { dirname, join } from 'node:path/posix'
import { groupBy } from '../../../catalogue/group-by.ts'
import type { Language } from '../parse/ir.ts'
import { languageOf } from '../parse/languages.ts'
import { ancestors } from './autoload.ts'
import type { Link } from './links.ts'

export interface LinkedFile {
  readonly file: string
  readonly links: readonly Link[]
}

/** Each project's files, in the order given. */
export function projectsOf(
  files: readonly LinkedFile[],
  projectFolders: ReadonlySet<string>,
): readonly (readonly string[])[] {
  const union = new Union()
  const nodes = new Map<string, readonly string[]>()
  const note = (path: string, node: string): void => void nodes.set(path, [...(nodes.get(path) ?? []), node])
  for (const { file } of files) {
    note(withoutExtension(file), file)
    if (/\/(?:index|__init__)\.\w+$/.test(file)) note(dirname(file), file)
    const language = languageOf(file)?.language
    if (language !== undefined && BY_FOLDER.has(language)) {
      union.join(file, `folder ${dirname(file)}`)
      note(dirname(file), file)
    }
    const above = ancestors(file).find((folder) => projectFolders.has(folder))
    if (above !== undefined) union.join(file, `project ${above}`)
    const root = conventionalRoot(file)
    if (root !== undefined) union.join(file, `root ${root}`)
  }
  for (const { file, links } of files)
    for (const link of links) for (const met of lookUp(file, link, nodes)) union.join(file, met)
  return [...groupBy(files, ({ file }) => union.rootOf(file)).values()].map((group) => group.map(({ file }) => file))
}

/** Their files share a folder's names without importing one another. */
const BY_FOLDER: ReadonlySet<Language> = new Set(['go', 'java', 'ruby', 'php'])

/** Ruby and PHP find classes by where they lie, Java by the package below the source root. */
function conventionalRoot(file: string): string | undefined {
  const language = languageOf(file)?.language
  const folders =
    language === 'java'
      ? /^(.*?)(?:^|\/)src\/(?:main|test)\//
      : language === 'ruby' || language === 'php'
        ? /^(.*?)(?:^|\/)(?:app|config|lib|routes|src|public|controllers)\//
        : undefined
  return folders?.exec(file)?.[1]
}

function lookUp(file: string, link: Link, nodes: ReadonlyMap<string, readonly string[]>): readonly string[] {
  if (link.startsWith('.')) return nodes.get(join(dirname(file), link).replace(/\/$/, '')) ?? []
  // Go names a package by the module's address, of which only the end is a folder here.
  const parts = link.split('/')
  const ends = languageOf(file)?.language === 'go' ? parts.map((_, index) => parts.slice(index).join('/')) : [link]
  for (const end of ends)
    for (const folder of ancestors(file)) {
      const found = nodes.get(join(folder, end))
      if (found !== undefined) return found
    }
  return []
}

function withoutExtension(file: string): string {
  return file.replace(/\.\w+$/, '')
}

/** Disjoint sets by name. */
class Union {
  private readonly parents = new Map<string, string>()

  rootOf(name: string): string {
    let root = name
    for (let next = this.parents.get(root); next !== undefined; next = this.parents.get(root)) root = next
    // Whoever asks again finds the root at once.
    for (let at = name; at !== root; ) {
      const next = this.parents.get(at) ?? root
      this.parents.set(at, root)
      at = next
    }
    return root
  }

  join(a: string, b: string): void {
    const rootOfA = this.rootOf(a)
    const rootOfB = this.rootOf(b)
    if (rootOfA !== rootOfB) this.parents.set(rootOfA, rootOfB)
  }
}
