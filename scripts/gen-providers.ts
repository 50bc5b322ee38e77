/** docs/providers/: a page for each provider and an index, from the definitions. */
import { addExample, sendExample, unforgeable, variableOf } from '../src/interfaces/cli/command-examples.ts'
import { coverageOfScheme } from '../src/providers/compile.ts'
import type { Answer, PayloadShape, ProviderDefinition, Scheme } from '../src/providers/definition.ts'
import type { Detail } from '../src/providers/describe/detail.ts'
import { describeAttributes, describeDedupe } from '../src/providers/describe/event.ts'
import { describeHandshake } from '../src/providers/describe/handshake.ts'
import { COVERAGE_GRADES, describeScheme, FAMILY_NAMES } from '../src/providers/describe/scheme.ts'
import { needsOf } from '../src/providers/needs.ts'
import { providers } from '../src/providers/registry.ts'

export function providerPages(): readonly (readonly [path: string, content: string])[] {
  const all = [...providers.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'))
  return [
    ['docs/providers/README.md', index(all)],
    ...all.map((each) => [`docs/providers/${each.id}.md`, page(each)] as const),
  ]
}

const HEADER = '<!-- Generated from src/providers by `npm run gen`. -->\n'

function index(all: readonly ProviderDefinition[]): string {
  const rows = all.flatMap((each) =>
    each.schemes.map((scheme, position) => {
      const first = position === 0 ? `| [${each.name}](${each.id}.md) | \`${each.id}\` | ${each.category} ` : '| | | '
      return `${first}| ${scheme.name} | ${FAMILY_NAMES[scheme.family]} | ${gradeOf(scheme)} |`
    }),
  )
  const grades = Object.values(COVERAGE_GRADES).map(([grade, meaning]) => `- **${grade}**: ${meaning}`)
  return `${HEADER}
# Providers

${all.length} providers, with ${rows.length} schemes. A provider’s first scheme is the one that is used unless the integration names another
(\`--scheme\`). Any sender that follows Standard Webhooks can use \`standard-webhooks\`, one with an HMAC of its own
\`generic-hmac\`. \`postern providers show <id>\` prints a page in the terminal.

What a signature covers decides what it proves:

${grades.join('\n')}

| Provider | Id | Category | Scheme | Kind | Covers |
|---|---|---|---|---|---|
${rows.join('\n')}
`
}

function gradeOf(scheme: Scheme): string {
  return COVERAGE_GRADES[coverageOfScheme(scheme)][0]
}

function page(provider: ProviderDefinition): string {
  const [recommended] = provider.schemes
  const grades = provider.schemes.map((scheme) => `\`${scheme.name}\` covers **${gradeOf(scheme)}**`)
  const parts = [
    `${HEADER}\n# ${provider.name}`,
    `${sentence(provider.category)} [How ${provider.name} documents it](${provider.docs}). ${grades.join(', ')}.`,
    section('Set it up', setupText(provider, recommended)),
    section('What it is given', needsText(provider)),
    section('How it proves itself', provider.schemes.map((scheme) => schemeText(provider, scheme)).join('\n\n')),
    section('Event', eventText(provider, recommended)),
    ...(provider.handshakes === undefined ? [] : [section('Set-up exchanges', handshakesText(provider.handshakes))]),
    section('Delivery', deliveryText(provider)),
    ...(provider.pitfalls.length === 0 ? [] : [section('Good to know', bullets(provider.pitfalls.map(sentence)))]),
    section('Rotate the secret', rotationText(provider)),
    section('Try it', provider.schemes.map((scheme) => tryText(provider, scheme)).join('\n\n')),
  ]
  return `${parts.join('\n\n')}\n`
}

function section(title: string, text: string): string {
  return `## ${title}\n\n${text}`
}

function setupText(provider: ProviderDefinition, scheme: Scheme): string {
  const steps = provider.setup.map((step, position) => `${position + 1}. ${sentence(step)}`)
  const { capturesKey, keyKind } = needsOf(provider, scheme)
  const note = capturesKey
    ? 'It has no secret yet and waits, pending, for the exchange that brings it.'
    : keyKind === 'name'
      ? 'What stands for the secret here is no secret.'
      : `\`env:${variableOf(provider)}\` is read by the gateway, when it is needed. Without \`--secret\` the integration waits, pending, until a key is added with \`postern integrations add-key\`.`
  return `${steps.join('\n')}\n\nThe integration here; the command prints its receive path:\n\n${shell(addExample(provider, scheme))}\n\n${note}`
}

function needsText(provider: ProviderDefinition): string {
  const keys = provider.schemes.map(
    (scheme) => `| ${scheme.name} | ${cell(sentence(scheme.keyForm ?? provider.keyForm))} |`,
  )
  const slots = provider.schemes.flatMap((scheme) =>
    needsOf(provider, scheme).slots.map(
      ({ slot, what }) => `| ${scheme.name}, \`--slot ${slot}=…\` | ${cell(sentence(what))} |`,
    ),
  )
  const urls = provider.schemes.filter((scheme) => needsOf(provider, scheme).signsUrl).map(({ name }) => `\`${name}\``)
  const settings = settingRows(provider)
  return [
    `| Scheme | Key |\n|---|---|\n${[...keys, ...slots].join('\n')}`,
    ...(settings.length === 0
      ? []
      : [`| Setting | What it is | Example | Needed |\n|---|---|---|---|\n${settings.join('\n')}`]),
    ...(urls.length === 0
      ? []
      : [
          `The address is signed (${urls.join(', ')}): the integration’s \`publicUrl\` must be the one the provider has, character for character. Without it, \`POSTERN_PUBLIC_URL\` and the receive path are taken.`,
        ]),
  ].join('\n\n')
}

function settingRows(provider: ProviderDefinition): readonly string[] {
  const several = provider.schemes.length > 1
  const own = (provider.settings ?? []).map(({ name, what, example, required, schemes }) => {
    const where =
      schemes === undefined || !several ? '' : `${required === true ? ' for' : ', for'} ${schemes.join(', ')}`
    return `| \`${name}\` | ${cell(sentence(what))} | \`${example}\` | ${required === true ? `yes${where}` : `no${where}`} |`
  })
  const pins = provider.schemes.flatMap((scheme) => {
    const { pin } = needsOf(provider, scheme)
    return pin === undefined
      ? []
      : [
          `| \`${pin.pin}\` | Whose requests a pasted public key stands for. | \`${pin.example}\` | with a public key as the key of ${scheme.name} |`,
        ]
  })
  return [...own, ...pins]
}

function schemeText(provider: ProviderDefinition, scheme: Scheme): string {
  const recommended = provider.schemes.length > 1 && scheme === provider.schemes[0] ? ', unless another is chosen' : ''
  return `### ${scheme.name} (${FAMILY_NAMES[scheme.family]})${recommended}\n\n${describeScheme(scheme).map(detailText).join('\n')}`
}

function detailText([label, text]: Detail): string {
  return typeof text === 'string'
    ? `- **${label}**: ${text}`
    : `- **${label}**:\n${text.map((each) => `  - ${each}`).join('\n')}`
}

function eventText(provider: ProviderDefinition, scheme: Scheme): string {
  const rows = describeAttributes(provider, scheme).map(
    ({ name, from, covered }) => `| ${name} | ${cell(from)} | ${covered} |`,
  )
  const signed = provider.schemes.length === 1 ? 'Signed' : `Signed (${scheme.name})`
  const table = rows.length === 0 ? '' : `| Attribute | Read from | ${signed} |\n|---|---|---|\n${rows.join('\n')}\n\n`
  return `${table}${describeDedupe(provider, scheme)} Events come by ${provider.methods.join(', ')} as ${provider.payload.map(payloadName).join(', or ')}.`
}

function payloadName(shape: PayloadShape): string {
  const types =
    'contentTypes' in shape && shape.contentTypes !== undefined ? ` (\`${shape.contentTypes.join('`, `')}\`)` : ''
  switch (shape.kind) {
    case 'json-object':
      return `a JSON object${types}`
    case 'json':
      return `JSON${types}`
    case 'form':
      return shape.json === undefined ? 'a form' : `a form whose field \`${shape.json}\` is JSON`
    case 'opaque':
      return `bytes that are kept as they are${types}`
    case 'empty':
      return 'a request without a body'
  }
}

function handshakesText(handshakes: NonNullable<ProviderDefinition['handshakes']>): string {
  return `Answered by the gateway itself, without an event:\n\n${bullets(handshakes.map((each) => `**${each.name}**: ${describeHandshake(each)}`))}`
}

function deliveryText({ delivery, answers }: ProviderDefinition): string {
  return bullets([
    `Delivered means: ${sentence(delivery.success)}`,
    ...(delivery.timeoutSeconds === undefined ? [] : [`It waits ${delivery.timeoutSeconds} seconds for the answer.`]),
    `Retries: ${sentence(delivery.retries)}`,
    ...(delivery.addresses === undefined ? [] : [`Its addresses are published at ${delivery.addresses}.`]),
    ...(answers?.accepted === undefined ? [] : [`Postern answers an event with ${answerText(answers.accepted)}.`]),
    ...(answers?.unauthorized === undefined
      ? []
      : [`Postern answers a request that does not verify with ${answerText(answers.unauthorized)}.`]),
  ])
}

function answerText({ status, body }: Answer): string {
  return body === undefined || body === '' ? `${status}` : `${status} and \`${body}\``
}

function rotationText(provider: ProviderDefinition): string {
  const [recommended] = provider.schemes
  const { keyKind } = needsOf(provider, recommended)
  return keyKind === 'name'
    ? sentence(provider.rotation)
    : `${sentence(provider.rotation)}\n\n${shell(`postern integrations add-key int_… --secret env:${variableOf(provider)}_NEW`)}\n\nBoth verify meanwhile; each event records which key matched.`
}

function tryText(provider: ProviderDefinition, scheme: Scheme): string {
  const title = provider.schemes.length === 1 ? '' : `**${scheme.name}**. `
  const why = unforgeable(provider, scheme)
  const lines = sendExample(provider, scheme)
  const explained =
    why ??
    (scheme.family === 'mtls'
      ? 'The command stands in for the proxy: it sends the fingerprint in the header that the gateway believes. The address it sends from must be one of `POSTERN_TRUSTED_PROXIES`.'
      : 'One request that is accepted, and one that must be refused:')
  return lines.length === 0 ? `${title}${explained}` : `${title}${explained}\n\n${shell(lines.join('\n'))}`
}

function shell(text: string): string {
  return `\`\`\`sh\n${text}\n\`\`\``
}

function bullets(items: readonly string[]): string {
  return items.map((each) => `- ${each}`).join('\n')
}

/** A pipe would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

function sentence(text: string): string {
  const trimmed = text.trim()
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}${/[.!?]$/.test(trimmed) ? '' : '.'}`
}
