import { shownKeptErrors } from '../flow/kept-errors.ts'
import { bad, good } from './examples/error-leak.ts'
import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const errorLeak = defineRule({
  id: 'error-leak',
  control: 'error-disclosure',
  title: 'The answer tells what went wrong inside',
  severity: 'low',
  confidence: 'high',
  cwe: [209],
  owasp: ['API8'],
  styles: ['webhook', 'rest', 'async-job', 'websocket', 'sse', 'callback'],
  why: 'Text and stack of an internal error tell an attacker about paths, queries and versions, and why a signature was not right.',
  looksAt:
    'Whether the text or the stack of an exception, or the signature that was expected, goes into an answer, or is kept in the record of a job that anybody is shown.',
  fix: {
    any: 'Log the error under an id and answer with the id.',
    express: 'An error handler that answers 500 with a fixed text.',
    flask: '`log.exception(…)` and a fixed text instead of `str(error)`.',
    fastapi: '`HTTPException(400, "malformed event")` instead of `detail=str(error)`.',
    go: '`http.Error(w, "bad request", 400)` instead of `err.Error()`.',
    django: '`DEBUG = False`, and a fixed text instead of `str(error)`.',
    rails: '`head :unprocessable_entity` instead of `render json: { error: e.message }`.',
    laravel: '`APP_DEBUG=false`, and a fixed text instead of `$e->getMessage()`.',
    spring: '`server.error.include-message=never` and `include-stacktrace=never`.',
  },
  limits: 'An error class of the application whose text is written for the caller is fine.',
  when: ({ facts, style }) =>
    oncePerPlace([
      ...(style === 'async-job' ? shownKeptErrors(facts) : []).slice(0, 1).map((at) => ({
        at: { file: facts.surface.module.file, ...at },
        message: 'Whoever knows the id of the job is shown the text of an internal error.',
      })),
      ...facts.uses
        .filter(({ kind }) => kind === 'leak')
        .map(({ at, detail }) => ({
          at,
          message:
            detail === 'digest'
              ? 'The answer to a refused request holds the signature that was expected.'
              : 'The answer holds the text of an internal error.',
          ...(detail === 'digest' ? { severity: 'high' as const } : {}),
        })),
    ]),
  bad,
  good,
})
