/** Every rule; docs/rules has a page for each. */
import { algorithmFromRequest } from './algorithm-from-request.ts'
import { asyncOwnerUnbound } from './async-owner-unbound.ts'
import { bodyIdAuthz } from './body-id-authz.ts'
import { callbackTargetUnvalidated } from './callback-target-unvalidated.ts'
import { compareLengthUnguarded } from './compare-length-unguarded.ts'
import { dedupeBeforeEffect } from './dedupe-before-effect.ts'
import { dedupeRace } from './dedupe-race.ts'
import { errorLeak } from './error-leak.ts'
import { failOpenWhenSecretMissing } from './fail-open-when-secret-missing.ts'
import { middlewareAfterRoute } from './middleware-after-route.ts'
import { missingFreshness } from './missing-freshness.ts'
import { missingReplayProtection } from './missing-replay-protection.ts'
import { missingSignature } from './missing-signature.ts'
import { noBodyLimit } from './no-body-limit.ts'
import { openRedirect } from './open-redirect.ts'
import { parsedBodySignature } from './parsed-body-signature.ts'
import { payloadUrlSsrf } from './payload-url-ssrf.ts'
import { resultUrlNoTtl } from './result-url-no-ttl.ts'
import type { RuleDefinition } from './rule.ts'
import { secretChosenByBody } from './secret-chosen-by-body.ts'
import { secretHardcoded } from './secret-hardcoded.ts'
import { sensitiveHeaderLogged } from './sensitive-header-logged.ts'
import { signatureOptional } from './signature-optional.ts'
import { sseUnboundSubscription } from './sse-unbound-subscription.ts'
import { staleWindowTooWide } from './stale-window-too-wide.ts'
import { unsafeCompare } from './unsafe-compare.ts'
import { verificationAfterProcessing } from './verification-after-processing.ts'
import { verifierResultIgnored } from './verifier-result-ignored.ts'
import { wsHandshakeOnlyAuth } from './ws-handshake-only-auth.ts'
import { wsNoLimits } from './ws-no-limits.ts'
import { wsNoMessageValidation } from './ws-no-message-validation.ts'
import { wsNoOriginCheck } from './ws-no-origin-check.ts'

export const RULES: readonly RuleDefinition[] = [
  missingSignature,
  verifierResultIgnored,
  verificationAfterProcessing,
  signatureOptional,
  failOpenWhenSecretMissing,
  secretHardcoded,
  parsedBodySignature,
  unsafeCompare,
  compareLengthUnguarded,
  missingFreshness,
  staleWindowTooWide,
  missingReplayProtection,
  dedupeRace,
  dedupeBeforeEffect,
  bodyIdAuthz,
  secretChosenByBody,
  algorithmFromRequest,
  payloadUrlSsrf,
  openRedirect,
  noBodyLimit,
  errorLeak,
  sensitiveHeaderLogged,
  middlewareAfterRoute,
  wsNoOriginCheck,
  wsHandshakeOnlyAuth,
  wsNoMessageValidation,
  wsNoLimits,
  sseUnboundSubscription,
  asyncOwnerUnbound,
  resultUrlNoTtl,
  callbackTargetUnvalidated,
]
