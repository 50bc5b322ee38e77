import type { FetchRemote } from 'postern/verify'

const MAX_BYTES = 256 * 1024
const TIMEOUT_MS = 5_000

/**
 * The verifier asks only hosts that the provider's definition names, or the key set that you pasted. What is left to see
 * to is here: https, no redirect (it could lead anywhere), a time, and a size.
 */
export const fetchRemote: FetchRemote = async ({ method, url, headers, body }) => {
  if (!url.startsWith('https://')) throw new Error('only https is asked')
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'error',
    signal,
    ...(body === undefined ? {} : { body }),
  })
  const chunks: Uint8Array[] = []
  let held = 0
  for await (const chunk of response.body ?? []) {
    held += chunk.byteLength
    if (held > MAX_BYTES) throw new Error('the answer is too long')
    chunks.push(chunk)
  }
  return { status: response.status, text: Buffer.concat(chunks).toString('utf8') }
}
