import { bad, good } from './examples/sensitive-header-logged.ts'
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
  why: 'Logs are read by more people and systems than secrets are, and kept longer. A signature together with its body can be sent again within its window.',
  looksAt: 'What is given to loggers: all headers at once, the signature or authorization header, a secret.',
  fix: {
    any: 'Log an allowlist of headers, or remove signature and authorization before logging.',
    express: 'Log `req.method`, `req.path` and the delivery id.',
    fastify: "`redact: ['req.headers.authorization', 'req.headers[\"x-signature\"]']` in the logger’s options.",
    flask: 'Log `request.headers.get("X-Delivery-Id")`, not `dict(request.headers)`.',
    rails: '`config.filter_parameters` covers parameters, not headers: log the headers you name.',
    spring: '`CommonsRequestLoggingFilter` with `includeHeaders` off.',
  },
  limits: 'The name of a header, its length, or whether it was there, is fine.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.uses
        .filter(({ kind }) => kind === 'log')
        .map(({ at, name, origins }) => ({
          at,
          message: `${name} writes ${origins.some((origin) => origin.kind === 'secret') ? 'a secret' : origins.some((origin) => origin.kind === 'header' && origin.name === '*') ? 'all headers, the signature among them,' : 'a signature or credential'} to the log.`,
        })),
    ),
  bad,
  good,
})
