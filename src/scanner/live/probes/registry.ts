/** Every probe; docs/probes has a page for each. */
import type { JobProbe } from '../job/subject.ts'
import type { LlmProbe } from '../llm/subject.ts'
import type { ProbeInfo } from '../probe.ts'
import type { RestProbe } from '../rest/subject.ts'
import { SOCKET_PROBES, STREAM_PROBES } from '../sockets/registry.ts'
import type { WebhookProbe } from '../webhook/subject.ts'
import { alteredWhitespace, changedBody, invalidUtf8, reorderedJson } from './body-integrity.ts'
import { burst, restBurst } from './burst.ts'
import { refusalDisclosure } from './disclosure.ts'
import { duplicateHeaders } from './duplicate-headers.ts'
import { unknownEventType } from './event-type.ts'
import { future, stale } from './freshness.ts'
import { jobCallback, jobCallbackOwner, jobCancel, jobCreate, jobResult, jobStatus } from './job.ts'
import { jobKept, jobRoleChange } from './job-ends.ts'
import { jobResultExpiry, jobResultUrl } from './job-result-url.ts'
import { llmAgency, llmCost, llmInjection, llmLeak, llmNoCredential } from './llm.ts'
import { methods, routeVariants } from './methods.ts'
import { deepJson, oddPayload, wrongContentType } from './payload.ts'
import { payloadRedirect, payloadUrlFetch, payloadUrlForbidden, payloadUrlSpelling } from './payload-urls.ts'
import { exactReplay, parallelCopies, replayUnderNewId, sameIdOtherBody } from './replay.ts'
import { restCors, restExposure, restHardening, restMethods, restNoCredential, restOtherIdentity } from './rest.ts'
import { rotation } from './rotation.ts'
import { versionDowngrade, wrongAlgorithm } from './signature-algorithm.ts'
import { emptyKey, otherIntegrationKey, wrongKey } from './signature-key.ts'
import { signatureShape } from './signature-shape.ts'
import { oversizedChunked, oversizedLength } from './size.ts'
import { slowBody } from './slow-body.ts'
import { otherTenantIds, sequentialIds } from './tenant.ts'
import { signedHeaderMissing, unsigned } from './unsigned.ts'

export const WEBHOOK_PROBES: readonly WebhookProbe[] = [
  // These wait longest, so they start first.
  payloadUrlFetch,
  payloadUrlSpelling,
  payloadUrlForbidden,
  unsigned,
  signedHeaderMissing,
  signatureShape,
  wrongKey,
  emptyKey,
  otherIntegrationKey,
  wrongAlgorithm,
  versionDowngrade,
  changedBody,
  reorderedJson,
  alteredWhitespace,
  invalidUtf8,
  stale,
  future,
  exactReplay,
  replayUnderNewId,
  sameIdOtherBody,
  unknownEventType,
  otherTenantIds,
  sequentialIds,
  oddPayload,
  wrongContentType,
  duplicateHeaders,
  payloadRedirect,
  methods,
  routeVariants,
  rotation,
  refusalDisclosure,
  parallelCopies,
  deepJson,
  oversizedLength,
  oversizedChunked,
  slowBody,
  // Last: a limit that was met may hold for a while.
  burst,
]

export const REST_PROBES: readonly RestProbe[] = [
  restNoCredential,
  restOtherIdentity,
  restMethods,
  restCors,
  restExposure,
  restHardening,
  // Last, as above.
  restBurst,
]

export const JOB_PROBES: readonly JobProbe[] = [
  jobCreate,
  jobStatus,
  jobResult,
  jobCancel,
  jobResultUrl,
  jobCallback,
  jobCallbackOwner,
  jobRoleChange,
  // They may move the target's clock.
  jobResultExpiry,
  jobKept,
]

export const LLM_PROBES: readonly LlmProbe[] = [llmInjection, llmLeak, llmAgency, llmCost, llmNoCredential]

/** As the documentation lists them. */
export const PROBE_GROUPS: readonly { readonly title: string; readonly probes: readonly ProbeInfo[] }[] = [
  { title: 'Webhook receivers', probes: WEBHOOK_PROBES },
  { title: 'Ordinary operations', probes: REST_PROBES },
  { title: 'Async jobs', probes: JOB_PROBES },
  { title: 'Models and agents', probes: LLM_PROBES },
  { title: 'Sockets', probes: SOCKET_PROBES },
  { title: 'Event streams', probes: STREAM_PROBES },
]

export const PROBES: readonly ProbeInfo[] = PROBE_GROUPS.flatMap(({ probes }) => probes)
