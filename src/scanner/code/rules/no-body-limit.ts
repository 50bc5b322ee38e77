import { bad, good } from './examples/no-body-limit.ts'
import { couldBeElsewhere, handlerAt } from './questions.ts'
import { defineRule } from './rule.ts'

export const noBodyLimit = defineRule({
  id: 'no-body-limit',
  control: 'body-size-limit',
  title: 'The body is read without a limit',
  severity: 'medium',
  confidence: 'medium',
  cwe: [770, 400],
  owasp: ['API4'],
  styles: ['webhook', 'rest', 'async-job'],
  why: 'Reading comes before verifying, so anybody may send gigabytes into this process’s memory.',
  looksAt:
    'How the body is read, and the limit that the framework, its configuration or the reading loop sets; a framework’s own default counts.',
  fix: {
    any: 'Cap the body before it is read: 1 MiB is enough for nearly every provider.',
    express: "`express.raw({ type: '*/*', limit: '1mb' })`.",
    fastify: '`bodyLimit: 1_048_576`, on the server or on the route.',
    hono: '`bodyLimit({ maxSize: 1024 * 1024 })` of `hono/body-limit`.',
    'node:http': 'Count while reading and destroy the request above the cap.',
    flask: "`app.config['MAX_CONTENT_LENGTH'] = 1_000_000`.",
    fastapi: 'Refuse a larger content-length, and count while streaming.',
    django: '`DATA_UPLOAD_MAX_MEMORY_SIZE`, which is 2.5 MB unless changed.',
    go: '`http.MaxBytesReader(w, r.Body, 1<<20)`.',
    koa: "`getRawBody(ctx.req, { limit: '1mb' })`, or the `jsonLimit` of the body parser.",
    nestjs: 'Nest’s parsers stop at 100 kB; `app.useBodyParser("json", { limit: … })` raises it, so keep it small.',
    'next.js':
      'Keep the parser of `pages/api` on (1 MB), or count while reading the stream; route handlers rely on the server in front.',
    rails: 'A limit in the server in front, such as `client_max_body_size` of nginx.',
    laravel: '`post_max_size` of PHP.',
    spring:
      'A filter that refuses a larger content-length, or a limit in the proxy; `@RequestBody` has none of its own.',
  },
  limits:
    'Reported only where the application or the reading loop is in view. A router alone, and frameworks whose server in front decides, are unknown.',
  when: ({ facts }) => {
    const { body } = facts.surface
    if (!facts.readsBody || facts.guards.includes('size-limited') || couldBeElsewhere(facts)) return []
    if (facts.unboundedAt !== undefined)
      return [{ at: facts.unboundedAt, message: 'The body is read to its end, however far that is.' }]
    if (body.limit === null) {
      const at = body.limitAt ?? body.parserAt
      return [
        {
          at:
            at === undefined
              ? (facts.readAt ?? handlerAt(facts))
              : { file: body.file ?? facts.surface.module.file, ...at },
          message: 'The whole body is read into memory, however large it is.',
        },
      ]
    }
    if (body.limit !== undefined && body.limit > 10_485_760)
      return [
        {
          at:
            body.limitAt === undefined
              ? handlerAt(facts)
              : { file: body.file ?? facts.surface.module.file, ...body.limitAt },
          message: `Bodies of up to ${Math.round(body.limit / 1_048_576)} MiB are accepted before anybody has proved who he is.`,
        },
      ]
    return []
  },
  bad,
  good,
})
