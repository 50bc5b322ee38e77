import { isVerifierName } from '../knowledge/names.ts'
import { bad, good } from './examples/parsed-body-signature.ts'
import { oncePerPlace } from './questions.ts'
import { defineRule } from './rule.ts'

export const parsedBodySignature = defineRule({
  id: 'parsed-body-signature',
  control: 'raw-body-integrity',
  title: 'The signature is computed over re-serialised JSON',
  severity: 'medium',
  confidence: 'high',
  cwe: [347],
  owasp: ['API2', 'API10'],
  styles: ['webhook'],
  why: 'Writing parsed JSON again changes spaces, the order of keys, escapes and numbers. Genuine requests then fail at random, and somebody loosens the check to stop that. What was verified is also not what was sent.',
  looksAt:
    'The values that go into the digest or into a provider’s verifier: the bytes of the body, or something that was parsed from it.',
  fix: {
    any: 'Keep the bytes as they came, verify those, and parse afterwards.',
    express:
      "`express.raw({ type: '*/*' })` on the route, before `express.json()`; or keep the bytes in its `verify` option.",
    fastify: "`addContentTypeParser('application/json', { parseAs: 'buffer' }, …)` in the scope of the route.",
    koa: '`raw-body` on `ctx.req`, or `ctx.request.rawBody` of koa-bodyparser.',
    hono: '`await c.req.text()` before `c.req.json()`.',
    nestjs: '`NestFactory.create(App, { rawBody: true })` and `request.rawBody`.',
    'next.js': '`await request.text()`; in `pages/api`, `bodyParser: false` and the stream.',
    flask: '`request.get_data()`, before `request.get_json()`.',
    fastapi: '`await request.body()`, instead of a model parameter.',
    django: '`request.body`, before `request.POST` is touched.',
    go: '`io.ReadAll` of a limited reader, verify, then `json.Unmarshal`.',
    rails: '`request.raw_post` instead of `params`.',
    laravel: '`$request->getContent()` instead of `$request->all()`.',
    spring: '`@RequestBody byte[]` instead of a class.',
  },
  limits: 'Schemes that sign fields (Twilio, Adyen, SNS, signed query strings) rightly use parsed values.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.checks
        .filter(
          ({ kind, over, name }) =>
            ((kind === 'signature' || kind === 'verifier') &&
              (over === 'reserialised' || over === 'parsed' || over === 'raw-or-reserialised')) ||
            // Whatever a verifier out of sight does with it: these are not the bytes that were sent.
            (kind === 'delegated' && over === 'reserialised' && isVerifierName(name)),
        )
        .map((check) => ({
          at: check.digest?.at ?? check.at,
          message:
            check.over === 'raw-or-reserialised'
              ? 'Where the raw body is not there, the signature is computed over JSON that was parsed and written again.'
              : `${check.kind === 'signature' ? 'The signature' : check.name} is given the parsed body instead of the bytes that were signed.`,
        })),
    ),
  bad,
  good,
})
