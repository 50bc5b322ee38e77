import { expect, test } from 'vitest'
import { readable } from './questions.ts'

test.each([
  ['./pool.js.pool.query runs', 'pool.query runs'],
  ['../lib/mongo.js.orders.updateOne runs', 'orders.updateOne runs'],
  ['@/lib/db.query runs before ./mail.send has run', 'db.query runs before mail.send has run'],
  ['@aws-sdk/s3-request-presigner.getSignedUrl gives', 'getSignedUrl gives'],
  ['next/server.NextResponse.redirect sends', 'NextResponse.redirect sends'],
  ['hmac.compare_digest raises', 'hmac.compare_digest raises'],
  ['redis.Redis.from_url().set marks', 'redis.Redis.from_url().set marks'],
])('%s is told as %s', (written, told) => {
  expect(readable(written)).toBe(told)
})
