import { PosternError } from '../../../base/model/errors.ts'
import { coverageOfScheme } from '../../../providers/compile.ts'
import type { ProviderDefinition, Scheme } from '../../../providers/definition.ts'
import { COVERAGE_GRADES, FAMILY_NAMES } from '../../../providers/describe/scheme.ts'
import { providers } from '../../../providers/registry.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { text } from '../list.ts'
import { printJson, printTable } from '../output.ts'

interface Row {
  readonly provider: ProviderDefinition
  readonly scheme: Scheme
}

/** One line for each scheme: which of them is used decides what a match proves. */
export async function listProviders(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const [category, family] = [text(options['category']), text(options['family'])]
  const all = [...providers.values()]
  requireOneOf('category', category, [...new Set(all.map((each) => each.category))].sort())
  requireOneOf('family', family, Object.keys(FAMILY_NAMES))
  const rows = all
    .filter((provider) => category === undefined || provider.category === category)
    .flatMap((provider) => provider.schemes.map((scheme): Row => ({ provider, scheme })))
    .filter(({ scheme }) => family === undefined || scheme.family === family)
  if (context.json) {
    printJson(context, jsonOf(rows))
    return 0
  }
  printTable<Row>(
    context,
    [
      { title: 'ID', value: ({ provider }) => provider.id },
      { title: 'CATEGORY', value: ({ provider }) => provider.category },
      { title: 'SCHEME', value: ({ scheme }) => scheme.name },
      { title: 'KIND', value: ({ scheme }) => FAMILY_NAMES[scheme.family] },
      { title: 'COVERS', value: ({ scheme }) => COVERAGE_GRADES[coverageOfScheme(scheme)][0] },
      { title: 'NAME', value: ({ provider }) => provider.name },
    ],
    rows,
  )
  context.stderr.write(
    `\n${new Set(rows.map(({ provider }) => provider.id)).size} providers. One of them: postern providers show <id>\n`,
  )
  return 0
}

function requireOneOf(option: string, value: string | undefined, known: readonly string[]): void {
  if (value !== undefined && !known.includes(value))
    throw new PosternError('VALIDATION_ERROR', `--${option} must be one of: ${known.join(', ')}.`)
}

function jsonOf(rows: readonly Row[]) {
  const schemesOf = new Map<ProviderDefinition, Scheme[]>()
  for (const { provider, scheme } of rows) schemesOf.set(provider, [...(schemesOf.get(provider) ?? []), scheme])
  return [...schemesOf].map(([{ id, name, category, docs }, schemes]) => ({
    id,
    name,
    category,
    docs,
    schemes: schemes.map((scheme) => ({
      name: scheme.name,
      family: scheme.family,
      coverage: coverageOfScheme(scheme),
      weakness: scheme.weakness ?? null,
    })),
  }))
}
