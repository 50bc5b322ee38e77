/** How a pasted key becomes the key that verifies, for a reader. */
import type {
  AsymmetricAlgorithm,
  CertificateUrl,
  JwtAlgorithm,
  KeyApi,
  PublicKeyForm,
  PublishedKeys,
  RemoteCall,
  SecretKeyForm,
} from '../definition.ts'
import { code, hashName } from './code.ts'

export function describeSecret({ decode, stripPrefix, label, derive }: SecretKeyForm): string {
  const prefixes = (stripPrefix ?? []).map((each) => `\`${each}\``).join(' or ')
  const first = prefixes === '' ? '' : `${prefixes} before it is removed if it is there, then `
  const text = decode === 'utf8' ? 'the text itself, as UTF-8, is the key' : `the text is ${decode} and is decoded`
  const whole = label === undefined ? '' : `; \`${label}\` belongs to it`
  const derived = derive === undefined ? '' : `; what signs is its ${hashName(derive)} digest`
  return `${first}${text}${whole}${derived}.`
}

type PublicKeySource = PublicKeyForm | CertificateUrl | KeyApi | PublishedKeys
type Algorithm = AsymmetricAlgorithm | JwtAlgorithm

/** What the key is pasted as, and where it comes from when it is not pasted. */
export function describePublicKey(key: PublicKeySource, algorithms: readonly Algorithm[]): string {
  const kinds = [...new Set(algorithms.map(keyKind))].join(' or ')
  switch (key.format) {
    case 'raw-hex':
      return `a public ${kinds} key: 64 hex digits${prefixed(key)}, PEM, JWK, JWKS, or the https address of a JWKS.`
    case 'raw-base64':
      return `a public ${kinds} key: the base64 of 32 bytes${prefixed(key)}, PEM, JWK, JWKS, or the https address of a JWKS.`
    case 'spki':
      return `a public ${kinds} key: PEM of the key or of its certificate, the base64 of its DER, JWK, JWKS, or the https address of a JWKS.`
    case 'certificate-url':
      return `the request names a certificate, which is fetched over https from ${hosts(key.hosts)} and nowhere else, and kept for an hour. The pasted key is the ${key.pin} (\`${key.example}\`). ${pasted(key.pin, kinds)}`
    case 'jwks-url':
      return `the token names a key of the set that is published at \`${key.url.replaceAll('config:', 'setting ')}\`, which is fetched and kept for an hour. The pasted key is the ${key.pin} (\`${key.example}\`). ${pasted(key.pin, kinds)}`
    case 'key-api':
      return `the request names a key, which ${describeCall(key.call, key.authorize)} gives to whoever has credentials${kept(key.call)}. The pasted key is \`client_id:client_secret\`. A public ${kinds} key pasted in their place (PEM, JWK, JWKS or the https address of a JWKS) is used without asking.`
  }
}

function keyKind(algorithm: Algorithm): string {
  if (algorithm === 'ed25519') return 'Ed25519'
  return /^(?:ec|ES)/.test(algorithm) ? 'P-256' : 'RSA'
}

function prefixed({ stripPrefix }: PublicKeyForm): string {
  return stripPrefix === undefined ? '' : `, with or without \`${stripPrefix[0]}\` before them`
}

function hosts(list: readonly string[]): string {
  return list
    .map((each) => (each.startsWith('pattern:') ? `hosts like ${code(each.slice('pattern:'.length))}` : `\`${each}\``))
    .join(', ')
}

function pasted(pin: string, kinds: string): string {
  return `A public ${kinds} key pasted in its place (PEM, certificate, JWK, JWKS or the https address of a JWKS) is used without asking; the setting \`${pin}\` must then be set.`
}

function kept({ cacheSeconds }: RemoteCall): string {
  return cacheSeconds === undefined ? '' : ` and which is kept for ${Math.round(cacheSeconds / 60)} minutes`
}

/** The provider's own API, by method and address. */
export function describeCall(call: RemoteCall, authorize: RemoteCall | undefined): string {
  const [first, ...others] = call.origins
  const where = `\`${call.method} ${first.origin}${call.path}\``
  const elsewhere = others.map(
    ({ environment, origin }) => `\`${origin}\` with the setting \`environment\` ${environment}`,
  )
  const token = authorize === undefined ? '' : ' (after an OAuth token was asked for)'
  return `${where}${elsewhere.length === 0 ? '' : ` (${elsewhere.join(', ')})`}${token}`
}
