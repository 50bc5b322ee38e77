import type { ValueUse } from '../flow/facts.ts'
import { OUTGOING_FIELD } from '../knowledge/names.ts'
import { bad, good } from './examples/payload-url-ssrf.ts'
import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const payloadUrlSsrf = defineRule({
  id: 'payload-url-ssrf',
  control: 'payload-url-guard',
  title: 'An address from the payload is fetched',
  severity: 'high',
  confidence: 'high',
  cwe: [918],
  owasp: ['API7', 'API10'],
  styles: ['webhook', 'async-job', 'rest'],
  why: 'The sender makes this server ask an address of his choice: the cloud’s metadata service, an admin port on the same host, a neighbour in the private network.',
  looksAt:
    'Addresses that are fetched and whose host comes from the body, the query or a message, without a list of hosts or a check of where the name leads.',
  fix: {
    any: 'Allow the hosts that are expected; or resolve the name, refuse private addresses and connect to the address that was checked, for every redirect.',
    express: '`const { hostname } = new URL(url)` and `if (!HOSTS.has(hostname)) return res.sendStatus(422)`.',
    flask: '`urlsplit(url).hostname in HOSTS`, and `allow_redirects=False`.',
    go: 'A `net.Dialer` whose `Control` refuses private addresses.',
    fastapi: '`httpx` with `follow_redirects=False`, after the host was found on the list.',
    rails: '`URI.parse(url).host` against a list; never `URI.open(url)`.',
    laravel: '`parse_url($url, PHP_URL_HOST)` against a list, and `withoutRedirecting()`.',
  },
  limits:
    'A fixed host with a path or parameter from the payload is fine. A signature does not help: the address is still the sender’s.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.uses
        .filter(
          (use) =>
            use.kind === 'fetch' &&
            !use.guarded &&
            use.origins.some(
              (origin) =>
                // What the request only named was registered by somebody before.
                (origin.kind === 'parsed-body' && (!isKept(use) || OUTGOING_FIELD.test(origin.path))) ||
                ((origin.kind === 'query' || origin.kind === 'message') && !isKept(use)),
            ),
        )
        .map(({ at, name }) => ({
          at,
          message: `${name} fetches an address that the sender wrote into the request.`,
        })),
    ),
  bad,
  good,
})

function isKept({ origins }: ValueUse): boolean {
  return origins.some(({ kind }) => kind === 'stored')
}
