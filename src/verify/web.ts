/**
 * Raw bodies and answers over `Request` and `Response`, which Hono and Next.js's route handlers use.
 */
import { type Body, DEFAULT_MAX_BODY_BYTES, type HttpAnswer, RawBodyError } from './receive.ts'

/** @param advice What to change in the app when something read the body first. */
export async function webBody(request: Request, limit: number | undefined, advice: string): Promise<Body> {
  const maxBytes = limit ?? DEFAULT_MAX_BODY_BYTES
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase() ?? ''
  if (encoding !== '' && encoding !== 'identity') return 'encoded'
  if (request.bodyUsed) return new RawBodyError(advice)
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return 'too_large'
  if (request.body === null) return Buffer.alloc(0)
  const chunks: Uint8Array[] = []
  let held = 0
  const reader = request.body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return Buffer.concat(chunks, held)
      held += value.byteLength
      if (held > maxBytes) {
        void reader.cancel().catch(() => undefined)
        return 'too_large'
      }
      chunks.push(value)
    }
  } catch {
    return 'incomplete'
  }
}

export function webAnswer({ status, headers, body }: HttpAnswer): Response {
  // 204 and 304 with a body, even an empty text, are refused by the constructor.
  return new Response(body === '' ? null : body, { status, headers })
}
