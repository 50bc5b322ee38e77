import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const sensitiveHeaderLogged = defineRule({
  id: 'sensitive-header-logged',
  control: 'log-redaction',
  title: 'Signatures or credentials are written to the log',
  severity: 'medium',
  confidence: 'high',
  cwe: [532],
  owasp: ['API8', 'API10'],
  styles: ['webhook', 'websocket', 'async-job', 'sse', 'callback', 'rest'],
  why: 'Logs are read by more people and systems than secrets are, and kept longer. A signature with its body can be sent again within its window.',
  fix: {
    any: 'Log an allowlist of headers, or remove signature and authorization before logging.',
  },
  limits: 'The name of a header, or whether it was there, is fine.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.uses
        .filter(({ kind }) => kind === 'log')
        .map(({ at, name, origins }) => ({
          at,
          message: `${name} writes ${origins.some((origin) => origin.kind === 'secret') ? 'a secret' : origins.some((origin) => origin.kind === 'header' && origin.name === '*') ? 'all headers, the signature among them,' : 'a signature or credential'} to the log.`,
        })),
    ),
})
