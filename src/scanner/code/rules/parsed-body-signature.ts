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
  why: 'Writing parsed JSON again changes spaces, key order, escapes and numbers, so genuine requests fail at random; whoever then loosens the check opens it. And what was verified is not what was sent.',
  fix: {
    any: 'Keep the bytes as they came and verify those; parse afterwards.',
    express: 'express.raw({ type: "*/*" }) on this route, before express.json().',
    flask: 'request.get_data() before request.json.',
    fastapi: 'await request.body().',
  },
  limits: 'Schemes that sign fields (Twilio, Adyen, SNS, signed query strings) rightly use parsed values.',
  when: ({ facts }) =>
    oncePerPlace(
      facts.checks
        .filter(
          ({ kind, over }) =>
            (kind === 'signature' || kind === 'verifier') &&
            (over === 'reserialised' || over === 'parsed' || over === 'raw-or-reserialised'),
        )
        .map((check) => ({
          at: check.digest?.at ?? check.at,
          message:
            check.over === 'raw-or-reserialised'
              ? 'Where the raw body is not there, the signature is computed over JSON that was parsed and written again.'
              : `${check.kind === 'verifier' ? check.name : 'The signature'} is given the parsed body instead of the bytes that were signed.`,
        })),
    ),
})
