/** Signatures that the sender's key made in a way the receiver should not accept: weaker, older, or none. */
import type { HmacAlgorithm, ProviderDefinition, Scheme } from '../../../providers/definition.ts'
import { notApplicable, unclear } from '../probe.ts'
import { mustRefuse, type WebhookProbe } from '../webhook/subject.ts'

export const wrongAlgorithm: WebhookProbe = {
  id: 'wrong-algorithm',
  follows: ['unsigned', 'wrong-key'],
  title: 'A signature made with another algorithm',
  controls: ['algorithm-pinning'],
  proves: 'Whether the receiver lets the request choose how it is verified.',
  sends:
    'An event signed with the right key and another hash, its header naming that hash where it names one; for tokens, one with `alg: none`.',
  reads: 'Refused: sound. Accepted: a weaker or empty signature will do.',
  limits: 'Public-key schemes have one algorithm for one kind of key and are not asked.',
  examples: { faulty: 'x-hub-signature-256: sha1=…\nHTTP/1.1 200', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    const { kit } = subject
    const { scheme, definition } = kit.sender
    const event = kit.event()
    if (scheme.family === 'jwt') {
      const unsignedToken = kit.edited(event, (bare) => tokenOfNone(bare))
      if (unsignedToken === undefined) return unclear('The token could not be taken apart.', 'Check the scheme.')
      return await mustRefuse(subject, lab, unsignedToken, event, {
        what: 'A token with the algorithm “none” and no signature',
        so: 'anybody can make tokens',
        severity: 'critical',
      })
    }
    if (scheme.family !== 'hmac') return notApplicable('This scheme has no other algorithm for the same key.')
    const weaker: HmacAlgorithm = scheme.algorithm === 'sha1' ? 'sha256' : 'sha1'
    const request = kit.sign(event, { definition: withAlgorithm(definition, scheme.name, weaker) })
    return await mustRefuse(subject, lab, request, event, {
      what: `A signature made with ${weaker} instead of ${scheme.algorithm}`,
      so: 'the request chooses how it is verified',
    })
  },
}

export const versionDowngrade: WebhookProbe = {
  id: 'version-downgrade',
  follows: ['unsigned', 'wrong-key'],
  title: 'The right signature under another version',
  controls: ['algorithm-pinning'],
  proves: 'Whether signatures of a version that the receiver does not use are passed over, as they must be.',
  sends: 'An event whose signature is right and stands under `v0` (or the version below) instead of its own.',
  reads: 'Refused: sound. Accepted: the label is ignored, so a signature of a weaker scheme counts too.',
  limits: 'Only for headers that label their signatures with a version.',
  examples: { faulty: 'stripe-signature: t=…,v0=…\nHTTP/1.1 200', sound: 'HTTP/1.1 401' },
  async run(subject, lab) {
    const { kit } = subject
    const { scheme } = kit.sender
    const parse = 'signed' in scheme ? scheme.signature.parse : undefined
    const own = parse?.kind === 'pairs' ? parse.signatureKey : parse?.kind === 'list' ? parse.version : undefined
    if (own === undefined || !/^v\d/.test(own)) return notApplicable('This scheme does not label versions.')
    const event = kit.event()
    const other = own === 'v0' ? 'v9' : 'v0'
    const request = kit.sign(event)
    const [name, value] = request.headers.at(-1) ?? ['', '']
    const at = value.lastIndexOf(own)
    const relabelled = value.slice(0, at) + other + value.slice(at + own.length)
    const headers = [...request.headers.slice(0, -1), [name, relabelled] as const]
    return await mustRefuse(subject, lab, { ...request, headers }, event, {
      what: `A right signature under the label ${other}`,
      so: 'labels are ignored, and the weakest version counts',
    })
  },
}

function withAlgorithm(definition: ProviderDefinition, name: string, algorithm: HmacAlgorithm): ProviderDefinition {
  const [first, ...rest] = definition.schemes
  const change = (scheme: Scheme): Scheme => {
    if (scheme.name !== name || scheme.family !== 'hmac') return scheme
    const { parse } = scheme.signature
    const relabelled =
      parse.kind === 'prefix' ? { ...parse, prefix: parse.prefix.replace(scheme.algorithm, algorithm) } : parse
    return { ...scheme, algorithm, signature: { ...scheme.signature, parse: relabelled } }
  }
  return { ...definition, schemes: [change(first), ...rest.map(change)] }
}

function tokenOfNone(token: string): string {
  const at = token.lastIndexOf(' ') + 1
  const [, claims = ''] = token.slice(at).split('.')
  const head = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url')
  return `${token.slice(0, at)}${head}.${claims}.`
}
