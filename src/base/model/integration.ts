/**
 * An integration: one provider account that may send to one receive path.
 */
import type { Uuid } from './ids.ts'

/** `pending` waits for a handshake or a key and accepts no events; `disabled` answers like an unknown one. */
export const INTEGRATION_STATUSES = ['active', 'pending', 'disabled'] as const
export type IntegrationStatus = (typeof INTEGRATION_STATUSES)[number]

/** What happens to a verified event whose type the allowlist does not name. */
export const UNLISTED_POLICIES = ['park', 'refuse'] as const
export type UnlistedPolicy = (typeof UNLISTED_POLICIES)[number]

export const DEFAULT_MAX_BODY_BYTES = 1024 * 1024
export const DEFAULT_RATE_LIMIT_PER_MINUTE = 3000

/** Everything about an integration but its keys. */
export interface Integration {
  readonly id: Uuid
  readonly tenantId: Uuid
  readonly provider: string
  readonly name: string
  readonly status: IntegrationStatus
  /** Answers at `/api/v1/webhooks/:provider`, without an id. */
  readonly isDefault: boolean
  /** Which of the provider's schemes; absent means the provider's recommended one. */
  readonly scheme?: string
  /** The address the provider was given, for schemes that sign it. */
  readonly publicUrl?: string
  /** Further values a scheme or handshake needs, such as a verify token. Never a secret. */
  readonly settings: Readonly<Record<string, string>>
  /** Overrides the scheme's window, in seconds. */
  readonly toleranceSeconds?: number
  readonly maxBodyBytes: number
  readonly rateLimitPerMinute: number
  /** Absent means every type is accepted. */
  readonly eventTypes?: readonly string[]
  readonly unlistedPolicy: UnlistedPolicy
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** One inbound key of an integration, opened. Several may be active at once: that is how a secret is rotated. */
export interface InboundKey {
  readonly id: Uuid
  readonly material: string
  /** Which of the scheme's further keys it is; absent for the ordinary one. */
  readonly slot?: string
  readonly notBefore?: Date
  readonly notAfter?: Date
}
