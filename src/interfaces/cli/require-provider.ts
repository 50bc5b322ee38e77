/** A provider by its id, or an error that knows what was meant. */
import { PosternError } from '../../base/model/errors.ts'
import { findScheme, type ProviderDefinition, type Scheme } from '../../providers/definition.ts'
import { findProvider, providers } from '../../providers/registry.ts'
import { shown } from './output.ts'

/** @throws PosternError `VALIDATION_ERROR` naming the nearest ids. */
export function requireProvider(id: string): ProviderDefinition {
  const provider = findProvider(id)
  if (provider !== undefined) return provider
  const near = nearest(id)
  const hint = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`
  throw new PosternError(
    'VALIDATION_ERROR',
    `There is no provider "${shown(id)}".${hint} \`postern providers list\` shows all ${providers.size}; any other sender may fit standard-webhooks or generic-hmac.`,
  )
}

/** @throws PosternError `VALIDATION_ERROR` listing the provider's schemes. */
export function requireScheme(provider: ProviderDefinition, name: string | undefined): Scheme {
  const scheme = findScheme(provider, name)
  if (scheme !== undefined) return scheme
  throw new PosternError(
    'VALIDATION_ERROR',
    `${provider.name} has no scheme "${shown(name)}"; --scheme may be ${provider.schemes.map((each) => each.name).join(', ')}.`,
  )
}

/** Ids and names that are a few letters away, or that hold or are held by the text. */
function nearest(text: string): readonly string[] {
  const wanted = plain(text)
  if (wanted === '') return []
  return [...providers.values()]
    .map(({ id, name }) => {
      const [a, b] = [plain(id), plain(name)]
      const part = wanted.length >= 3 && (a.includes(wanted) || b.includes(wanted) || wanted.includes(a))
      return { id, distance: part ? 1 : Math.min(distance(wanted, a), distance(wanted, b)) }
    })
    .filter(({ distance: far }) => far <= Math.max(1, Math.floor(wanted.length / 3)))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ id }) => id)
}

function plain(text: string): string {
  return text
    .slice(0, 64)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
}

/** Levenshtein, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((row[j] ?? 0) + (letter === other ? 0 : 1), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
