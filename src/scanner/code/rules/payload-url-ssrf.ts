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
  styles: ['webhook', 'async-job', 'rest', 'callback'],
  why: 'The sender makes this server ask an address of his choice: the cloud’s metadata service, an admin port on the same host, a neighbour in the private network.',
  fix: {
    any: 'Allow the hosts that are expected, or resolve the name and refuse private addresses for every hop.',
  },
  limits: 'A fixed host with a path or parameter from the payload is fine.',
  when: ({ facts, style }) =>
    style === 'callback'
      ? []
      : oncePerPlace(
          facts.uses
            .filter(
              (use) =>
                use.kind === 'fetch' &&
                !use.guarded &&
                use.origins.some(({ kind }) => kind === 'parsed-body' || kind === 'query' || kind === 'message'),
            )
            .map(({ at, name }) => ({
              at,
              message: `${name} fetches an address that the sender wrote into the request.`,
            })),
        ),
})
