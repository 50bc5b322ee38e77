import { bad, good } from './examples/algorithm-from-request.ts'
import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const algorithmFromRequest = defineRule({
  id: 'algorithm-from-request',
  control: 'algorithm-pinning',
  title: 'The sender chooses the algorithm',
  severity: 'high',
  confidence: 'high',
  cwe: [757, 347],
  owasp: ['API2'],
  styles: ['webhook'],
  why: 'Whoever may name the algorithm names the weakest one that is accepted, or none.',
  looksAt: 'Where the name of the digest’s algorithm comes from.',
  fix: {
    any: 'Fix the algorithm in the code, one for each version of the scheme.',
    express: "`createHmac('sha256', secret)`; a prefix in the header is compared, not used.",
    flask: '`hmac.new(key, body, hashlib.sha256)` instead of `getattr(hashlib, name)`.',
    go: '`hmac.New(sha256.New, key)`, not a function chosen by a name from the header.',
    rails: '`OpenSSL::HMAC.hexdigest("SHA256", …)`.',
    laravel: "`hash_hmac('sha256', …)`.",
  },
  limits: 'A version prefix that selects among fixed verifiers is fine.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.digests
        .filter(({ keyed, algorithmFrom }) => keyed && algorithmFrom.length > 0)
        .map(({ at }) => ({ at, message: 'The algorithm of the signature comes from the request.' })),
    ),
  bad,
  good,
})
