/** Command lines that set a provider up and try it, for its page and for the terminal. */
import type { AsymmetricAlgorithm, JwtAlgorithm, ProviderDefinition, Scheme } from '../../providers/definition.ts'
import { needsOf } from '../../providers/needs.ts'

/** Where the examples deliver to and are reached at. */
const DESTINATION = 'https://example.com/hook'
const PUBLIC_URL = 'https://hooks.example.com/in/1'

/** `postern integrations add` with everything that this scheme needs. */
export function addExample(definition: ProviderDefinition, scheme: Scheme): string {
  const { keyKind, settings, pin, slots, signsUrl, capturesKey } = needsOf(definition, scheme)
  const variable = variableOf(definition)
  const secret = keyKind === 'name' ? quoted(pin?.example ?? '') : `env:${variable}`
  const given = settings.filter(
    ({ name, required }) => required === true || (scheme.family === 'basic' && name === scheme.usernameSetting),
  )
  return [
    `postern integrations add --provider ${definition.id}`,
    ...chosen(definition, scheme),
    ...(capturesKey ? [] : [`--secret ${secret}`]),
    ...slots.map(({ slot }) => `--slot ${slot}=env:${variable}_2`),
    ...given.map(({ name, example }) => `--setting ${quoted(`${name}=${example}`)}`),
    ...(signsUrl ? [`--public-url ${PUBLIC_URL}`] : []),
    `--to ${DESTINATION}`,
  ].join(' \\\n  ')
}

/** How to see a request of this scheme accepted, and a broken one refused. */
export function sendExample(definition: ProviderDefinition, scheme: Scheme): readonly string[] {
  if (scheme.family === 'fetch-back') return []
  const { keyKind, pin } = needsOf(definition, scheme)
  const send = `postern send ${definition.id} --integration int_…`
  if (scheme.family === 'mtls')
    return [`POSTERN_CLIENT_CERT_HEADER=client-cert ${send} --secret env:${variableOf(definition)}`]
  const tampered = tampering(scheme)
  if (keyKind === 'secret')
    return [
      `${send} --secret env:${variableOf(definition)}`,
      `${send} --secret env:${variableOf(definition)} ${tampered}`,
    ]
  const pinned = pin === undefined ? '' : ` --setting ${quoted(`${pin.pin}=${pin.example}`)}`
  const settings = needsOf(definition, scheme)
    .settings.filter(({ required }) => required === true)
    .map(({ name, example }) => ` --setting ${quoted(`${name}=${example}`)}`)
    .join('')
  return [
    `openssl genpkey ${keyOptions(algorithmOf(scheme))} -out test-key.pem`,
    `openssl pkey -in test-key.pem -pubout | postern integrations add --provider ${definition.id} \\\n  --name test ${chosen(
      definition,
      scheme,
    )
      .map((each) => `${each} `)
      .join('')}--secret -${settings}${pinned}`,
    `${send} --secret file:test-key.pem`,
    `${send} --secret file:test-key.pem ${tampered}`,
  ]
}

/** Why a request of this scheme cannot be made here, in a sentence; `undefined` when it can. */
export function unforgeable(definition: ProviderDefinition, scheme: Scheme): string | undefined {
  if (scheme.family === 'fetch-back')
    return `${definition.name} signs nothing under the scheme ${scheme.name}: its API is asked whether it knows of the request, so make the event at ${definition.name}, in its test mode, instead.`
  const { keyKind } = needsOf(definition, scheme)
  if (keyKind === 'secret' || scheme.family === 'mtls') return undefined
  return `Only ${definition.name} holds the private key that signs under the scheme ${scheme.name}: make a key pair, paste its public half as the secret of an integration for tests, and sign with --secret file:PRIVATE_KEY.pem.`
}

function chosen(definition: ProviderDefinition, scheme: Scheme): readonly string[] {
  return scheme === definition.schemes[0] ? [] : [`--scheme ${scheme.name}`]
}

function tampering(scheme: Scheme): string {
  return scheme.family === 'token' || scheme.family === 'basic' ? '--tamper secret' : '--tamper signature'
}

export function variableOf({ id }: ProviderDefinition): string {
  return `${id.toUpperCase().replaceAll('-', '_')}_SECRET`
}

function algorithmOf(scheme: Scheme): AsymmetricAlgorithm | JwtAlgorithm {
  if (scheme.family === 'asymmetric') return scheme.algorithm
  return scheme.family === 'jwt' ? scheme.algorithms[0] : 'ed25519'
}

function keyOptions(algorithm: AsymmetricAlgorithm | JwtAlgorithm): string {
  if (algorithm === 'ed25519') return '-algorithm ed25519'
  return /^(?:rsa|RS)/.test(algorithm)
    ? '-algorithm RSA -pkeyopt rsa_keygen_bits:2048'
    : '-algorithm EC -pkeyopt ec_paramgen_curve:P-256'
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
