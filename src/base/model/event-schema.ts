/** What is known, and what is asked, of the bodies of one type of event. */

/** What happens to an event whose body is not as its schema asks. `accept`: nothing but a note among the drifts. */
export const SCHEMA_POLICIES = ['accept', 'park', 'refuse'] as const
export type SchemaPolicy = (typeof SCHEMA_POLICIES)[number]

/** `mismatch`: not as the schema asks. The others are differences from what was learnt. */
export const DRIFT_KINDS = ['new_type', 'new_field', 'type_change', 'mismatch'] as const
export type DriftKind = (typeof DRIFT_KINDS)[number]
