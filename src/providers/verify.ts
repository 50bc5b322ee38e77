/**
 * Does this request prove who sent it? The answer is a value, never an exception: a refusal is the ordinary case.
 *
 * Promises: over the raw bytes only; every candidate and every active key is tried, none ends the search early;
 * digests of one length are compared in constant time; the window is closed in both directions; whatever is
 * missing, doubled or does not parse is refused. The scheme comes from the verifier, never from the request.
 *
 * Boundary: knows nothing of storage, statuses or dedupe, and does no I/O. What must be asked of the provider comes back
 * as `remote_pending` with the need; the caller asks and calls again with the answer.
 */
import type { PreparedKey, Verifier } from './compile.ts'
import { verifyJwt } from './jwt.ts'
import type { Refused, Verified } from './outcome.ts'
import { Reading } from './reading.ts'
import { NOTHING_REMOTE, type Remote } from './remote.ts'
import type { InboundRequest } from './request.ts'
import { verifyShared } from './shared-secret.ts'
import { verifySigned } from './signed.ts'
import type { Clock } from './verify-input.ts'

export function verifyRequest(
  verifier: Verifier,
  request: InboundRequest,
  now: Clock,
  remote: Remote = NOTHING_REMOTE,
): Verified | Refused {
  const input = { reading: new Reading(request), keys: activeKeys(verifier.keys, now), now, remote }
  switch (verifier.kind) {
    case 'signed':
      return verifySigned(verifier, input)
    case 'jwt':
      return verifyJwt(verifier, input)
    case 'shared':
      return verifyShared(verifier, input)
  }
}

export function activeKeys(keys: readonly PreparedKey[], now: Clock): readonly PreparedKey[] {
  for (const key of keys) if (!isActive(key, now)) return keys.filter((each) => isActive(each, now))
  return keys
}

function isActive({ from, until }: PreparedKey, now: Clock): boolean {
  return now === 'no-clock' ? from === -Infinity && until === Infinity : from <= now && now < until
}
