/** One of the two things compared: a running server that receives Stripe events. */
import type { LoadTarget } from '../load.ts'

export interface Side extends AsyncDisposable {
  readonly name: 'postern' | 'alternative'
  readonly target: LoadTarget
  readonly pid: number
  /** A Redis of its own, when it uses one. */
  readonly redisPid: number | undefined
  readonly databaseUrl: string
  /** See `verifyAcknowledged`. */
  readonly stored: string
}

/** Stripe's secrets are text; the prefix is part of the key. */
export const SECRET = 'whsec_Zm9yLXRoZS1iZW5jaG1hcmstb25seQ'
