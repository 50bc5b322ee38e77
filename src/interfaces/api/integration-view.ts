/**
 * An integration as it is shown: with its keys and destinations, and without any secret.
 */
import { z } from 'zod'
import { COVERAGES } from '../../base/model/event.ts'
import { publicId, type Uuid } from '../../base/model/ids.ts'
import { INTEGRATION_STATUSES, type Integration, UNLISTED_POLICIES } from '../../base/model/integration.ts'
import { coverageOfScheme } from '../../providers/compile.ts'
import { findScheme, type ProviderDefinition } from '../../providers/definition.ts'
import type { Queryable } from '../../resources/store/database.ts'
import { listDestinationsOf, type RoutedDestination } from '../../resources/store/destinations.ts'
import { type KeySummary, listKeys } from '../../resources/store/integration-keys.ts'
import { DestinationOut, destinationView } from './destination-view.ts'
import { idField, isoTime, PREFIX, time } from './fields.ts'

export const KeyOut = z.object({
  id: idField('key'),
  form: z
    .enum(['env', 'file', 'sealed'])
    .meta({ description: 'Where the secret is kept: elsewhere, or encrypted here.' }),
  slot: z
    .string()
    .nullable()
    .meta({ description: 'Which of the scheme’s further keys it is; `null` for the ordinary one.' }),
  notBefore: time.nullable(),
  notAfter: time.nullable(),
  createdAt: time,
})

export const IntegrationOut = z.object({
  id: idField('integration'),
  tenantId: idField('tenant'),
  provider: z.string(),
  name: z.string(),
  receivePath: z.string().meta({ description: 'What the provider is given, behind this gateway’s address.' }),
  status: z.enum(INTEGRATION_STATUSES),
  isDefault: z.boolean().meta({ description: 'Answers at /api/v1/webhooks/{provider} too.' }),
  scheme: z.string().nullable(),
  coverage: z.enum(COVERAGES).meta({ description: 'The least of a request that the scheme’s signature covers.' }),
  weakness: z
    .string()
    .nullable()
    .meta({ description: 'What a request that verified under this scheme still does not prove, in words.' }),
  publicUrl: z.string().nullable(),
  settings: z.record(z.string(), z.string()),
  toleranceSeconds: z.int().nullable(),
  maxBodyBytes: z.int(),
  rateLimitPerMinute: z.int(),
  eventTypes: z.array(z.string()).nullable(),
  unlistedPolicy: z.enum(UNLISTED_POLICIES),
  keys: z.array(KeyOut),
  destinations: z.array(DestinationOut),
  createdAt: time,
  updatedAt: time,
})

/** Adds keys and destinations to integrations of one tenant, in two statements however many they are. */
export async function integrationViews(
  db: Queryable,
  tenantId: Uuid,
  providers: ReadonlyMap<string, ProviderDefinition>,
  integrations: readonly Integration[],
): Promise<z.output<typeof IntegrationOut>[]> {
  const ids = integrations.map(({ id }) => id)
  const keys = await listKeys(db, tenantId, ids)
  const destinations = await listDestinationsOf(db, tenantId, ids)
  return integrations.map((integration) =>
    integrationView(
      integration,
      providers.get(integration.provider),
      keys.filter((key) => key.integrationId === integration.id),
      destinations.filter((destination) => destination.integrationId === integration.id),
    ),
  )
}

export function keyView(key: KeySummary): z.output<typeof KeyOut> {
  return {
    id: publicId('key', key.id),
    form: key.form,
    slot: key.slot,
    notBefore: isoTime(key.notBefore),
    notAfter: isoTime(key.notAfter),
    createdAt: isoTime(key.createdAt),
  }
}

function integrationView(
  integration: Integration,
  provider: ProviderDefinition | undefined,
  keys: readonly KeySummary[],
  destinations: readonly RoutedDestination[],
): z.output<typeof IntegrationOut> {
  const scheme = provider === undefined ? undefined : findScheme(provider, integration.scheme)
  return {
    id: publicId('integration', integration.id),
    tenantId: publicId('tenant', integration.tenantId),
    provider: integration.provider,
    name: integration.name,
    receivePath: `${PREFIX}/webhooks/${integration.provider}/${publicId('integration', integration.id)}`,
    status: integration.status,
    isDefault: integration.isDefault,
    scheme: integration.scheme ?? scheme?.name ?? null,
    coverage: scheme === undefined ? 'none' : coverageOfScheme(scheme),
    weakness: scheme?.weakness ?? null,
    publicUrl: integration.publicUrl ?? null,
    settings: { ...integration.settings },
    toleranceSeconds: integration.toleranceSeconds ?? null,
    maxBodyBytes: integration.maxBodyBytes,
    rateLimitPerMinute: integration.rateLimitPerMinute,
    eventTypes: integration.eventTypes === undefined ? null : [...integration.eventTypes],
    unlistedPolicy: integration.unlistedPolicy,
    keys: keys.map(keyView),
    destinations: destinations.map(destinationView),
    createdAt: isoTime(integration.createdAt),
    updatedAt: isoTime(integration.updatedAt),
  }
}
