import { handlerAt } from './questions.ts'
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
  fix: {
    any: 'Cap the body before it is read: 1 MiB is enough for nearly every provider.',
    flask: "app.config['MAX_CONTENT_LENGTH'] = 1_000_000.",
    fastapi: 'Refuse a larger content-length and count while streaming.',
  },
  limits:
    'Reported only where the application or the reading loop is in view; a router alone, and frameworks whose server in front decides, are unknown. A framework’s own default counts.',
  when: ({ facts }) => {
    const { body } = facts.surface
    if (!facts.readsBody || facts.guards.includes('size-limited')) return []
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
})
