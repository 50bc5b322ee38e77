/**
 * `postern integrations add`: gives the gateway what this provider's scheme needs, and nothing that it does not read.
 *
 * What is missing is asked for on a terminal; elsewhere it is listed with the options that give it.
 */
import { PosternError } from '../../../base/model/errors.ts'
import type { ProviderDefinition, Scheme, SettingSpec } from '../../../providers/definition.ts'
import { described, type Needs, needsOf } from '../../../providers/needs.ts'
import { type Asker, openAsker } from '../ask.ts'
import { createClient } from '../client.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { readAll } from '../input.ts'
import { number, text, texts } from '../list.ts'
import { namedValues } from '../named-values.ts'
import { requireProvider, requireScheme } from '../require-provider.ts'
import { printIntegration } from '../show-integration.ts'
import type { IntegrationView } from '../views.ts'
import { paragraph } from '../wrap.ts'

export async function addIntegration(
  context: CommandContext,
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const provider = requireProvider(text(options['provider']) ?? '')
  const scheme = requireScheme(provider, text(options['scheme']))
  const needs = needsOf(provider, scheme)
  const secret = text(options['secret'])
  const given: Given = {
    secret: secret === '-' ? (await readAll(context.stdin)).toString().trim() : secret,
    settings: namedValues('setting', options['setting']),
    slots: namedValues('slot', options['slot']),
    publicUrl: text(options['publicUrl']),
  }
  const complete = await completed(context, { provider, scheme, needs }, given)
  const to = text(options['to'])
  const integration = await createClient(context.env).send<IntegrationView>('POST', '/api/v1/integrations', {
    provider: provider.id,
    name: text(options['name']) ?? provider.id,
    secret: complete.secret,
    keys: Object.entries(complete.slots).map(([slot, value]) => ({ slot, secret: value })),
    settings: complete.settings,
    scheme: text(options['scheme']),
    publicUrl: complete.publicUrl,
    eventTypes: texts(options['eventType']),
    rateLimitPerMinute: number(options['rateLimit']),
    maxBodyBytes: number(options['maxBodyBytes']),
    destination: to === undefined ? undefined : { url: to, allowCidrs: texts(options['allowCidr']) },
  })
  printIntegration(context, integration)
  hint(context, needs, integration)
  return 0
}

interface Given {
  readonly secret: string | undefined
  readonly settings: Readonly<Record<string, string>>
  readonly slots: Readonly<Record<string, string>>
  readonly publicUrl: string | undefined
}

interface Wanted {
  readonly provider: ProviderDefinition
  readonly scheme: Scheme
  readonly needs: Needs
}

/** @throws PosternError `VALIDATION_ERROR` listing what is missing, where nobody can be asked. */
async function completed(context: CommandContext, wanted: Wanted, given: Given): Promise<Given> {
  const missing = missingSettings(wanted, given)
  const asker = openAsker(context)
  if (asker === undefined) {
    if (missing.length > 0) throw incomplete(wanted, given, missing)
    return given
  }
  try {
    return await asked(context, asker, wanted, given, missing)
  } finally {
    asker.close()
  }
}

/** Required by the scheme; and the user of HTTP Basic, unless the key brings it. */
function missingSettings({ scheme, needs }: Wanted, { settings, secret }: Given): readonly SettingSpec[] {
  const hasUser = secret === undefined || /^(?:env|file):/.test(secret) || secret.includes(':')
  return needs.settings.filter(
    ({ name, required }) =>
      !Object.hasOwn(settings, name) &&
      (required === true || (scheme.family === 'basic' && name === scheme.usernameSetting && !hasUser)),
  )
}

async function asked(
  context: CommandContext,
  asker: Asker,
  { provider, scheme, needs }: Wanted,
  given: Given,
  missing: readonly SettingSpec[],
): Promise<Given> {
  const width = Math.min(context.stdout.columns ?? 100, 110)
  const say = (text: string) =>
    context.stderr.write(
      `${text
        .split('\n')
        .map((line) => paragraph(line, width, ''))
        .join('\n')}\n`,
    )
  say(`${provider.name}, scheme ${scheme.name}. Ctrl-C leaves everything as it is.`)
  const settings: Record<string, string> = { ...given.settings }
  for (const spec of missing) {
    say(`\n${described(spec)}`)
    settings[spec.name] = await insist(asker, `${spec.name}: `)
  }
  let { secret, publicUrl } = given
  if (secret === undefined && !needs.capturesKey) {
    say(
      `\n${needs.keyForm}\nAlso env:NAME or file:/path, read by the gateway. Enter alone: later; it waits until then.`,
    )
    secret = (await asker.ask('secret: ', needs.keyKind === 'secret' || needs.keyKind === 'credentials')) || undefined
  }
  const slots: Record<string, string> = { ...given.slots }
  for (const { slot, what } of needs.slots) {
    if (Object.hasOwn(slots, slot) || secret === undefined) continue
    say(`\n${what} Enter alone: none.`)
    const value = await asker.ask(`${slot}: `, true)
    if (value !== '') slots[slot] = value
  }
  if (needs.signsUrl && publicUrl === undefined) {
    say('\nThe address is signed: the one you give to the provider, exactly. Enter alone: the gateway’s own address.')
    publicUrl = (await asker.ask('public URL: ')) || undefined
  }
  say('')
  return { secret, settings, slots, publicUrl }
}

async function insist(asker: Asker, question: string): Promise<string> {
  for (;;) {
    const answer = await asker.ask(question)
    if (answer !== '') return answer
  }
}

function incomplete({ provider, scheme, needs }: Wanted, given: Given, missing: readonly SettingSpec[]): PosternError {
  const errors = missing.map((spec) => ({
    path: `--setting ${spec.name}=…`,
    message: described(spec),
  }))
  const secret =
    given.secret === undefined && !needs.capturesKey
      ? [{ path: '--secret …', message: `${needs.keyForm} (Without it the integration waits, pending.)` }]
      : []
  return new PosternError(
    'VALIDATION_ERROR',
    `${provider.name} needs more for the scheme ${scheme.name}; give it with these options:`,
    { errors: [...errors, ...secret] },
  )
}

function hint({ stderr, json }: CommandContext, needs: Needs, { status, publicUrl, id }: IntegrationView): void {
  if (json) return
  if (status === 'pending') {
    stderr.write(
      needs.capturesKey
        ? '\nIt waits for the provider’s set-up exchange, which brings the key.\n'
        : `\nIt accepts nothing until it has a key: postern integrations add-key ${id} --secret …\n`,
    )
  }
  if (needs.signsUrl && publicUrl === null)
    stderr.write(
      '\nThe provider signs the address: it must be POSTERN_PUBLIC_URL of the gateway followed by the receive path.\n',
    )
}
