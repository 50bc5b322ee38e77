/**
 * The one reader of management bodies: JSON in UTF-8, bounded, and nothing that only looks like it.
 */
import { type JsonLimits, parseBoundedJson } from '../../base/lib/bounded-json.ts'
import { PosternError } from '../../base/model/errors.ts'
import type { Api } from './deps.ts'

/** Beyond any request we know. */
const LIMITS: JsonLimits = { maxDepth: 16, maxKeys: 5_000 }

export function readJsonBodies(app: Api): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, bytes: Buffer, done) => {
    // Clients that always send a content type also send it with DELETE. What needs a body says so in its schema.
    if (bytes.length === 0) return done(null, undefined)
    const parsed = parseBoundedJson(bytes, LIMITS)
    if (parsed.ok) done(null, parsed.value)
    else done(new PosternError('VALIDATION_ERROR', DETAILS[parsed.reason]))
  })
}

const DETAILS = {
  not_utf8: 'The body is not UTF-8.',
  not_json: 'The body is not valid JSON.',
  too_deep: 'The body is nested too deeply.',
  too_many_keys: 'The body has too many fields.',
} as const
