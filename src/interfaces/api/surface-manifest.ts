/**
 * Our own evidence manifest: what this gateway has for back gates, and what holds at each, for `postern scan`.
 *
 * Made of what is really there, the integrations and the table by which access is checked, and of nothing that
 * is not. Whatever is true of the program rather than of the settings names the test that shows it; a test sees to
 * it that those exist. What a provider's scheme does not have is left out: the review then names it as missing.
 */

import { publicId } from '../../base/model/ids.ts'
import type { Integration } from '../../base/model/integration.ts'
import { coverageOfScheme } from '../../providers/compile.ts'
import { findScheme, type ProviderDefinition, type Scheme } from '../../providers/definition.ts'
import type { DeclaredRoute } from './access-check.ts'
import { PREFIX } from './fields.ts'

export interface SurfaceManifest {
  readonly version: 1
  readonly surfaces: readonly Readonly<Record<string, unknown>>[]
}

/** Which test shows it: its file, and how its name begins. */
export const PROOFS = {
  rawBody: 'test/security/signatures.test.ts: S-09 bytes are what is signed',
  window: 'test/security/signatures.test.ts: S-14 S-15 the window is closed on both sides',
  sender: 'test/security/signatures.test.ts: S-21 an event belongs to the integration',
  once: 'test/security/duplicates.test.ts: S-92 64 identical deliveries at once',
  retried: 'test/security/duplicates.test.ts: S-91 S-98 when the job cannot be stored',
  rotated: 'test/e2e/integrations.test.ts: old and new one match while a rotation lasts',
  size: 'test/security/bodies.test.ts: S-30 S-31 a chunked body is refused',
  rate: 'test/security/limits.test.ts: S-41 over the limit it is 429',
  forgeriesTold: 'test/e2e/quarantine.test.ts: a forged request is kept with its reason',
  counted: 'test/e2e/receive-and-deliver.test.ts: what was received and delivered is counted',
  redacted: 'test/security/secrets.test.ts: S-78 B2 B4 no secret of the run is in any response',
  credential: 'src/interfaces/api/access-check.test.ts: is 401 without the right key',
  scope: 'src/interfaces/api/access-check.test.ts: is 403 for a credential without its scope',
  tenant: 'src/interfaces/api/access-check.test.ts: S-70: answers 404 for what belongs to another tenant',
  spelling: 'src/interfaces/api/access-check.test.ts: S-75, B1: percent-encoded and other spellings',
} as const

/** @param integrations Of one tenant; what is disabled receives nothing and is no gate. */
export function surfaceManifest(
  integrations: readonly Integration[],
  providers: ReadonlyMap<string, ProviderDefinition>,
  routes: readonly DeclaredRoute[],
): SurfaceManifest {
  const receivers = integrations
    .filter(({ status }) => status === 'active')
    .flatMap((integration) => {
      const provider = providers.get(integration.provider)
      const scheme = provider === undefined ? undefined : findScheme(provider, integration.scheme)
      return scheme === undefined ? [] : [receiver(integration, scheme)]
    })
  const management = routes.filter(({ method }) => method !== 'HEAD' && method !== 'OPTIONS').map(route)
  return { version: 1, surfaces: [...receivers, ...management] }
}

function receiver(integration: Integration, scheme: Scheme): Readonly<Record<string, unknown>> {
  const coverage = coverageOfScheme(scheme)
  const tolerance =
    integration.toleranceSeconds ?? ('timestamp' in scheme ? scheme.timestamp?.toleranceSeconds : undefined)
  const id = publicId('integration', integration.id)
  return {
    id,
    style: 'webhook',
    endpoint: `POST ${PREFIX}/webhooks/${integration.provider}/${id}`,
    provider: integration.provider,
    inventory_source: 'webhook_registry',
    auth_session: { sender_identity_bound: shown(true, PROOFS.sender) },
    integrity_freshness: {
      ...(coverage === 'request' || coverage === 'body'
        ? { verifies_signature_over_raw_body: shown(true, PROOFS.rawBody) }
        : {}),
      ...(tolerance === undefined ? {} : { timestamp_tolerance_seconds: shown(tolerance, PROOFS.window) }),
      nonce_or_event_id_replay_cache: shown(true, PROOFS.once),
      idempotency_before_side_effects: shown(true, PROOFS.once),
      failed_attempt_can_retry: shown(true, PROOFS.retried),
      key_rotation_supported: shown(true, PROOFS.rotated),
    },
    authorization: {
      ...(integration.eventTypes === undefined ? {} : { event_allowlist: integration.eventTypes }),
      tenant_mapping_verified: shown(true, PROOFS.sender),
    },
    resource_controls: {
      max_body_bytes: shown(integration.maxBodyBytes, PROOFS.size),
      rate_limit: shown(`${integration.rateLimitPerMinute}/min`, PROOFS.rate),
    },
    logging: {
      signature_failures: shown(true, PROOFS.forgeriesTold),
      replay_rejects: shown(true, PROOFS.counted),
      payloads_redacted: shown(true, PROOFS.redacted),
    },
  }
}

function route({ method, url, access, summary }: DeclaredRoute): Readonly<Record<string, unknown>> {
  const common = {
    id: `${method} ${url}`,
    style: 'rest',
    endpoint: `${method} ${url}`,
    inventory_source: 'route_table',
  }
  if (access === 'public') return { ...common, public: true, public_reason: summary }
  return {
    ...common,
    auth_session: { authentication_required: shown(true, PROOFS.credential) },
    authorization: {
      function_authorization: shown(true, PROOFS.scope),
      object_authorization: shown(true, PROOFS.tenant),
      tenant_binding: shown(true, PROOFS.tenant),
    },
    contract: { route_normalisation: shown(true, PROOFS.spelling) },
    logging: { payloads_redacted: shown(true, PROOFS.redacted) },
  }
}

function shown(value: unknown, verification: string): Readonly<Record<string, unknown>> {
  return { value, place: 'application', verification }
}
