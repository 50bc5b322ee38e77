/** The closed lists that evidence, controls and decisions are written in. */

export const EVIDENCE_STATES = ['present', 'unsafe', 'absent', 'unknown'] as const
export type EvidenceState = (typeof EVIDENCE_STATES)[number]

export const PLACES = ['application', 'gateway', 'platform', 'unknown'] as const
export type Place = (typeof PLACES)[number]

/**
 * Trust, least first. What was observed on the wire outranks what was read, which outranks what somebody wrote
 * about it. A spec describes intent, so it stands below code; an attestation (a sentence, a document, a
 * questionnaire) never decides by itself.
 */
export const EVIDENCE_SOURCES = ['attestation', 'manifest', 'spec', 'code', 'live'] as const
export type EvidenceSource = (typeof EVIDENCE_SOURCES)[number]

export const PROOF_LEVELS = ['none', 'attested', 'read', 'observed'] as const
export type ProofLevel = (typeof PROOF_LEVELS)[number]

export const CONFIDENCES = ['low', 'medium', 'high'] as const
export type Confidence = (typeof CONFIDENCES)[number]
