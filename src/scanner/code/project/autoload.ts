/**
 * Where a constant or class that nothing imports by file is defined: Ruby's autoload paths and `require_relative`,
 * PHP's PSR-4 prefixes, `require` and the folder a namespace shares. Candidates, best first; the caller knows which exist.
 */
import { dirname, join, normalize } from 'node:path/posix'

const RUBY_ROOTS = [
  'app/controllers',
  'app/controllers/concerns',
  'app/models',
  'app/models/concerns',
  'app/services',
  'app/jobs',
  'app/workers',
  'app/sidekiq',
  'app/lib',
  'app/channels',
  'app/helpers',
  'app/operations',
  'app/interactors',
  'app/commands',
  'app/handlers',
  'app/use_cases',
  'app/clients',
  'app/queries',
  'app/validators',
  'app/webhooks',
  'app/verifiers',
  'app/api',
  'app/mailers',
  'app',
  'lib',
  '',
] as const

/** Files in which `A::B::C` may stand: its own, else that of what it is nested in, else one that only it names. */
export function rubyConstantPaths(file: string, name: string): readonly string[] {
  const parts = name.split('::')
  const folders = ancestors(file)
  const nested = parts.map((_, dropped) => parts.slice(0, parts.length - dropped))
  const alone = parts.length > 1 ? [parts.slice(-1)] : []
  return [...nested, ...alone].flatMap((kept) => {
    const path = kept.map(underscored).join('/')
    return folders.flatMap((folder) => RUBY_ROOTS.map((root) => join(folder, root, `${path}.rb`)))
  })
}

/** `HTTPClient` is http_client, `Api::V1` api/v1. */
export function underscored(name: string): string {
  return name
    .replace(/([A-Z\d]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
}

export function rubyRequirePaths(file: string, source: string): readonly string[] {
  const named = source.endsWith('.rb') ? source : `${source}.rb`
  if (source.startsWith('.') || source.startsWith('/')) return [normalize(join(dirname(file), named))]
  return ancestors(file).flatMap((folder) => [
    join(folder, 'lib', named),
    join(folder, named),
    join(folder, 'app', named),
  ])
}

/** `./x.php` as written in a file: beside it, or below a folder above it, as the include path has it. */
export function phpIncludePaths(file: string, source: string): readonly string[] {
  const beside = normalize(join(dirname(file), source))
  return [beside, ...ancestors(file).map((folder) => normalize(join(folder, source)))]
}

/** Files of a class by its full name, from `autoload.psr-4` of a composer.json above, else by what is usual. */
export function phpClassPaths(
  file: string,
  name: string,
  read: (path: string) => string | undefined,
): readonly string[] {
  const path = name.replaceAll('\\', '/')
  const [first, ...rest] = path.split('/')
  const below = rest.join('/')
  return ancestors(file).flatMap((folder) => {
    const configured = psr4Of(read(join(folder, 'composer.json'))).flatMap(({ prefix, folders }) =>
      `${name}`.startsWith(prefix)
        ? folders.map((base) => join(folder, base, `${name.slice(prefix.length).replaceAll('\\', '/')}.php`))
        : [],
    )
    const usual =
      first === undefined || below === ''
        ? [join(folder, `${path}.php`)]
        : [
            join(folder, first.toLowerCase(), `${below}.php`),
            join(folder, 'src', `${below}.php`),
            join(folder, 'app', `${below}.php`),
            join(folder, `${path}.php`),
            join(folder, 'src', `${path}.php`),
            join(folder, 'lib', `${path}.php`),
          ]
    return [...configured, ...usual]
  })
}

function psr4Of(text: string | undefined): readonly { prefix: string; folders: readonly string[] }[] {
  if (text === undefined) return []
  try {
    const parsed = JSON.parse(text) as { autoload?: { 'psr-4'?: unknown } }
    const map = parsed.autoload?.['psr-4']
    if (typeof map !== 'object' || map === null) return []
    return Object.entries(map).map(([prefix, folders]) => ({
      prefix,
      folders: (Array.isArray(folders) ? folders : [folders]).filter((one) => typeof one === 'string'),
    }))
  } catch {
    return []
  }
}

export function ancestors(file: string): readonly string[] {
  const folders: string[] = []
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    folders.push(folder)
    if (folder === '.' || folder === '/' || folder === dirname(folder)) return folders
  }
}
