/** `postern providers show`: the provider's page for the terminal. */
import { coverageOfScheme } from '../../../providers/compile.ts'
import type { ProviderDefinition, Scheme } from '../../../providers/definition.ts'
import { describeAttributes, describeDedupe } from '../../../providers/describe/event.ts'
import { describeHandshake } from '../../../providers/describe/handshake.ts'
import { COVERAGE_GRADES, describeScheme, FAMILY_NAMES } from '../../../providers/describe/scheme.ts'
import { needsOf } from '../../../providers/needs.ts'
import { addExample, sendExample, unforgeable } from '../command-examples.ts'
import type { CommandContext, ExitCode } from '../context.ts'
import { printJson } from '../output.ts'
import { requireProvider } from '../require-provider.ts'
import { paragraph } from '../wrap.ts'

export async function showProvider(context: CommandContext, args: readonly string[]): Promise<ExitCode> {
  const provider = requireProvider(args[0] ?? '')
  if (context.json) printJson(context, jsonOf(provider))
  else context.stdout.write(`${pageOf(provider, Math.min(context.stdout.columns ?? 100, 110)).join('\n')}\n`)
  return 0
}

function pageOf(provider: ProviderDefinition, width: number): readonly string[] {
  const line = (text: string, lead = '  ') => paragraph(plain(text), width, lead)
  const titled = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : ['', title, ...lines])
  const numbered = provider.setup.map((step, position) => line(step, `  ${position + 1}. `))
  return [
    `${provider.name} (${provider.id}), ${provider.category}`,
    provider.docs,
    ...provider.schemes.flatMap((scheme, position) =>
      titled(
        `SCHEME ${scheme.name} (${FAMILY_NAMES[scheme.family]})${position === 0 ? '' : `, with --scheme ${scheme.name}`}: covers ${COVERAGE_GRADES[coverageOfScheme(scheme)][0]}`,
        schemeLines(provider, scheme, width),
      ),
    ),
    ...titled(
      'SETTINGS',
      settingLines(provider).map((each) => line(each, '  - ')),
    ),
    ...titled('SET IT UP', [...numbered, '', ...indented(addExample(provider, provider.schemes[0]))]),
    ...titled(
      'EVENT',
      eventLines(provider).map((each) => line(each, '  - ')),
    ),
    ...titled(
      'SET-UP EXCHANGES, answered without an event',
      (provider.handshakes ?? []).map((each) => line(`${each.name}: ${describeHandshake(each)}`, '  - ')),
    ),
    ...titled(
      'GOOD TO KNOW',
      provider.pitfalls.map((each) => line(each, '  - ')),
    ),
    ...titled('ROTATE', [line(provider.rotation)]),
    ...titled(
      'TRY IT',
      provider.schemes.flatMap((scheme) => tryLines(provider, scheme, width)),
    ),
  ]
}

function schemeLines(provider: ProviderDefinition, scheme: Scheme, width: number): readonly string[] {
  const { keyForm, signsUrl } = needsOf(provider, scheme)
  const details = [
    ...describeScheme(scheme),
    ['Given', keyForm] as const,
    ...(signsUrl ? [['URL', 'it is signed: give --public-url exactly as the provider has it.'] as const] : []),
  ]
  return details.flatMap(([label, text]) => {
    const lead = `  ${plain(label).padEnd(LABEL_WIDTH)} `
    return typeof text === 'string'
      ? [paragraph(plain(text), width, lead)]
      : text.map((each, index) => paragraph(plain(each), width, index === 0 ? lead : ' '.repeat(lead.length)))
  })
}

const LABEL_WIDTH = 11

function settingLines(provider: ProviderDefinition): readonly string[] {
  const pins = provider.schemes.flatMap((scheme) => {
    const { pin } = needsOf(provider, scheme)
    return pin === undefined ? [] : [`${pin.pin}: beside a pasted public key only, such as ${pin.example}`]
  })
  const own = (provider.settings ?? []).map(({ name, what, example, required, schemes }) => {
    const where = schemes === undefined || provider.schemes.length === 1 ? '' : ` by ${schemes.join(', ')}`
    const need = required === true ? `needed${where}` : where === '' ? 'optional' : `read${where}`
    return `${name} (${need}): ${what} Example: ${example}`
  })
  return [...own, ...pins]
}

function eventLines(provider: ProviderDefinition): readonly string[] {
  const [scheme] = provider.schemes
  const signed = { yes: 'signed', no: 'not signed', sometimes: 'sometimes signed' } as const
  return [
    ...describeAttributes(provider, scheme).map(({ name, from, covered }) => `${name}: ${from} (${signed[covered]})`),
    describeDedupe(provider, scheme),
  ]
}

function tryLines(provider: ProviderDefinition, scheme: Scheme, width: number): readonly string[] {
  const why = unforgeable(provider, scheme)
  return [
    ...(provider.schemes.length === 1 ? [] : [`  ${scheme.name}:`]),
    ...(why === undefined ? [] : [paragraph(plain(why), width, '  ')]),
    ...sendExample(provider, scheme).flatMap(indented),
  ]
}

function indented(command: string): readonly string[] {
  return command.split('\n').map((each) => `    ${each}`)
}

/** Emphasis means nothing in a terminal; code spans read well there. */
function plain(text: string): string {
  return text.replaceAll('**', '')
}

function jsonOf(provider: ProviderDefinition) {
  const { id, name, category, docs, setup, rotation, pitfalls, delivery, methods } = provider
  return {
    id,
    name,
    category,
    docs,
    methods,
    setup,
    rotation,
    pitfalls,
    delivery,
    schemes: provider.schemes.map((scheme) => {
      const { keyKind, keyForm, settings, slots, pin, signsUrl, capturesKey } = needsOf(provider, scheme)
      return {
        name: scheme.name,
        family: scheme.family,
        coverage: coverageOfScheme(scheme),
        weakness: scheme.weakness ?? null,
        key: { kind: keyKind, form: keyForm, pin: pin?.pin ?? null, captured: capturesKey },
        slots: slots.map(({ slot, what }) => ({ slot, what })),
        settings: settings.map(({ name: setting, what, example, required }) => ({
          name: setting,
          what,
          example,
          required: required === true,
        })),
        signsUrl,
        details: Object.fromEntries(describeScheme(scheme)),
        event: describeAttributes(provider, scheme),
      }
    }),
    handshakes: (provider.handshakes ?? []).map((each) => ({ name: each.name, what: describeHandshake(each) })),
  }
}
