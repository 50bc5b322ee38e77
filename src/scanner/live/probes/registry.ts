/** Every probe; docs/probes has a page for each. */
import type { ProbeInfo } from '../probe.ts'
import type { WebhookProbe } from '../webhook/subject.ts'
import { alteredWhitespace, changedBody, invalidUtf8, reorderedJson } from './body-integrity.ts'
import { refusalDisclosure } from './disclosure.ts'
import { unknownEventType } from './event-type.ts'
import { future, stale } from './freshness.ts'
import { methods, routeVariants } from './methods.ts'
import { deepJson, duplicateHeaders, oddPayload, wrongContentType } from './payload.ts'
import { payloadRedirect, payloadUrlFetch, payloadUrlSpelling } from './payload-urls.ts'
import { exactReplay, parallelCopies, replayUnderNewId, sameIdOtherBody } from './replay.ts'
import { rotation } from './rotation.ts'
import { versionDowngrade, wrongAlgorithm } from './signature-algorithm.ts'
import { emptyKey, otherIntegrationKey, wrongKey } from './signature-key.ts'
import { signatureShape } from './signature-shape.ts'
import { oversizedChunked, oversizedLength, slowBody } from './size.ts'
import { otherTenantIds, sequentialIds } from './tenant.ts'
import { signedHeaderMissing, unsigned } from './unsigned.ts'

export const WEBHOOK_PROBES: readonly WebhookProbe[] = [
  // These wait longest, so they start first.
  payloadUrlFetch,
  payloadUrlSpelling,
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
]

/** As the documentation lists them. */
export const PROBE_GROUPS: readonly { readonly title: string; readonly probes: readonly ProbeInfo[] }[] = [
  { title: 'Webhook receivers', probes: WEBHOOK_PROBES },
]

export const PROBES: readonly ProbeInfo[] = PROBE_GROUPS.flatMap(({ probes }) => probes)
