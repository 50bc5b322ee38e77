/** docs/providers/: a page for each provider and an index, from the definitions. */
import { compileScheme } from '../src/providers/compile.ts'
import type { EventSources, ProviderDefinition, Scheme } from '../src/providers/definition.ts'
import { providers } from '../src/providers/registry.ts'

const COVERAGE = {
  request: 'the whole request (body and address)',
  body: 'the body',
  parts: 'parts of the request',
  none: '**nothing**: it proves who knows the secret, not what was sent',
} as const

export function providerPages(): readonly (readonly [path: string, content: string])[] {
  const all = [...providers.values()].sort((a, b) => a.id.localeCompare(b.id))
  return [
    ['docs/providers/README.md', index(all)],
    ...all.map((each) => [`docs/providers/${each.id}.md`, page(each)] as const),
  ]
}

function index(all: readonly ProviderDefinition[]): string {
  const rows = all.map(
    (each) =>
      `| [${each.name}](${each.id}.md) | \`${each.id}\` | ${each.schemes.map((scheme) => `${scheme.name}: ${coverageOf(scheme)}`).join('<br>')} |`,
  )
  return `${HEADER}
# Providers

What each one signs, and how much of a request that covers. Any sender that follows Standard Webhooks can use
\`standard-webhooks\`.

| Provider | Id | Schemes and what they cover |
|---|---|---|
${rows.join('\n')}
`
}

function page(provider: ProviderDefinition): string {
  const { delivery } = provider
  const parts = [
    `${HEADER}\n# ${provider.name}`,
    `[Documentation of the provider](${provider.docs})`,
    `## Set it up\n\n\`\`\`sh\npostern integrations add --provider ${provider.id} --secret env:${envName(provider.id)} --to https://example.com/hook\n\`\`\`\n\nThe secret: ${sentence(provider.keyForm)} Give the provider the receive path that the command prints, behind your public address.`,
    `## Signature\n\n${provider.schemes.map((scheme, position) => schemeText(scheme, position === 0)).join('\n')}`,
    `## Event\n\n${eventText(provider.event)}`,
    ...(provider.handshakes === undefined
      ? []
      : [
          `## Set-up exchanges\n\nAnswered by the gateway itself, without an event: ${provider.handshakes.map((each) => `\`${each.name}\`${each.signed ? ' (signed)' : ''}`).join(', ')}.`,
        ]),
    `## Delivery by the provider\n\n- Delivered means: ${sentence(delivery.success)}\n- Retries: ${sentence(delivery.retries)}${delivery.timeoutSeconds === undefined ? '' : `\n- It waits ${delivery.timeoutSeconds} seconds for the answer.`}${delivery.addresses === undefined ? '' : `\n- Its addresses: ${delivery.addresses}.`}`,
    ...(provider.pitfalls.length === 0
      ? []
      : [`## Good to know\n\n${provider.pitfalls.map((each) => `- ${sentence(each)}`).join('\n')}`]),
    `## Rotate the secret\n\nAdd the new one beside the old one (\`POST /api/v1/integrations/:id/keys\`), change it at the provider, then end the old one. Both verify meanwhile, and each event records which key matched.`,
    `## Try it\n\n\`\`\`sh\npostern send ${provider.id} --secret env:${envName(provider.id)}\npostern send ${provider.id} --secret env:${envName(provider.id)} --tamper signature\n\`\`\``,
  ]
  return `${parts.join('\n\n')}\n`
}

const HEADER = '<!-- Generated from src/providers by `npm run gen`. -->\n'

function schemeText(scheme: Scheme, recommended: boolean): string {
  const name = `- **${scheme.name}**${recommended ? ' (used unless another is chosen)' : ''}: `
  const covers = `Covers ${COVERAGE[coverageOf(scheme)]}.`
  switch (scheme.family) {
    case 'token':
      return `${name}a shared token in the ${scheme.token.in} \`${scheme.token.name}\`. ${covers} ${sentence(scheme.weakness)}`
    case 'basic':
      return `${name}HTTP Basic. ${covers} ${sentence(scheme.weakness)}`
    default: {
      const made = scheme.signed
        .map(
          (each) =>
            `\`${each.templates[0].replaceAll('\n', '\\n')}\`${each.name === undefined ? '' : ` (${each.name})`}`,
        )
        .join(', ')
      const { timestamp } = scheme
      const window =
        timestamp === undefined
          ? 'No time is signed: a captured request stays valid, so copies are recognised by what was signed.'
          : `Accepted within ${timestamp.toleranceSeconds} seconds before and after the signed time${timestamp.toleranceDocumented ? '' : ' (our window; the provider names none)'}.`
      return `${name}${scheme.family === 'hmac' ? `HMAC-${scheme.algorithm.toUpperCase()}` : scheme.algorithm} over ${made}, in \`${scheme.signature.header}\` (${scheme.signature.encoding}). ${covers} ${window}`
    }
  }
}

function coverageOf(scheme: Scheme): keyof typeof COVERAGE {
  const verifier = compileScheme(scheme, [])
  return verifier.kind === 'shared' ? 'none' : (verifier.cases[0]?.coverage ?? 'none')
}

function eventText(event: EventSources): string {
  const rows = (['id', 'type', 'tenant', 'subject', 'occurredAt'] as const).flatMap((name) => {
    const source = event[name]
    return source === undefined ? [] : [`| ${name} | \`${source.replaceAll('|', '\\|')}\` |`]
  })
  return `| Attribute | Read from |\n|---|---|\n${rows.join('\n')}`
}

function envName(id: string): string {
  return `${id.toUpperCase().replaceAll('-', '_')}_SECRET`
}

function sentence(text: string): string {
  const trimmed = text.trim().replace(/\.$/, '')
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}.`
}
