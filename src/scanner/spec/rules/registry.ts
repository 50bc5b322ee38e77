/** Every rule about descriptions, in the order of its index. */
import { callbackUrlFromRequest } from './callback-url-from-request.ts'
import { channelWithoutSecurity } from './channel-without-security.ts'
import { cleartextServer } from './cleartext-server.ts'
import { credentialInQuery } from './credential-in-query.ts'
import { documentedSecurityMissing } from './documented-security-missing.ts'
import { eventUnsigned } from './event-unsigned.ts'
import { eventWithoutId } from './event-without-id.ts'
import { eventWithoutTimestamp } from './event-without-timestamp.ts'
import { jobStepUnsecured } from './job-step-unsecured.ts'
import { jobWithoutStatus } from './job-without-status.ts'
import { messageWithoutSchema } from './message-without-schema.ts'
import { operationIdRepeated } from './operation-id-repeated.ts'
import { refusalsUndocumented } from './refusals-undocumented.ts'
import type { SpecRule } from './rule.ts'
import { secretInResponse } from './secret-in-response.ts'
import { securityOptional } from './security-optional.ts'
import { securityOverrideEmpty } from './security-override-empty.ts'
import { securitySchemeUndefined } from './security-scheme-undefined.ts'
import { signatureHeaderOptional } from './signature-header-optional.ts'
import { staleOperation } from './stale-operation.ts'
import { streamForWhomRequestNames } from './stream-for-whom-request-names.ts'
import { undocumentedAnswer } from './undocumented-answer.ts'
import { undocumentedInput } from './undocumented-input.ts'
import { undocumentedRoute } from './undocumented-route.ts'
import { undocumentedSecurity } from './undocumented-security.ts'
import { urlInBody } from './url-in-body.ts'
import { writeWithoutSecurity } from './write-without-security.ts'

export const SPEC_RULES: readonly SpecRule[] = [
  eventUnsigned,
  signatureHeaderOptional,
  eventWithoutTimestamp,
  eventWithoutId,
  callbackUrlFromRequest,
  writeWithoutSecurity,
  securityOverrideEmpty,
  securityOptional,
  securitySchemeUndefined,
  credentialInQuery,
  cleartextServer,
  channelWithoutSecurity,
  messageWithoutSchema,
  streamForWhomRequestNames,
  jobStepUnsecured,
  jobWithoutStatus,
  refusalsUndocumented,
  urlInBody,
  secretInResponse,
  operationIdRepeated,
  documentedSecurityMissing,
  undocumentedSecurity,
  undocumentedRoute,
  staleOperation,
  undocumentedInput,
  undocumentedAnswer,
]
