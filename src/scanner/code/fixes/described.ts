/** What `--fix` does for a rule, for its page; a rule that is not listed has no fix. */
export const FIXES: Readonly<Record<string, string>> = {
  'missing-signature':
    'Express: puts `verified` of `postern/verify/express` in front of the handler, where the address names a provider whose secret is all that is needed and `package.json` lists `postern`. The secret is read from `<PROVIDER>_WEBHOOK_SECRET`; the store of ids is in memory, for you to replace where several processes receive.',
  'unsafe-compare':
    'Puts `hmac.compare_digest` or `secrets.compare_digest`, `timingSafeEqual` behind a check of kinds and lengths, `hmac.Equal`, `secure_compare`, `hash_equals` or `MessageDigest.isEqual` in place of the operator, with the import that it needs.',
  'compare-length-unguarded':
    'Compares the lengths before `timingSafeEqual`; gives `compare_digest` an empty text for a header that is missing.',
  'parsed-body-signature':
    'Signs the bytes in place of what was written again: Express (`verify` of `express.json`), Fastify (a content-type parser that keeps them), Koa, Hono, NestJS (`rawBody: true`), Next.js (both routers), Lambda, Flask, FastAPI, Starlette, Django, DRF, Rails, Laravel and plain PHP.',
  'fail-open-when-secret-missing':
    'Stops at start where the secret is read, or in the request where it is first needed; what let the request through without a secret refuses it. Code that asks for the name of the environment is left to you.',
}
