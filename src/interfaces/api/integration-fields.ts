/**
 * What may be said about an integration, at creation and later.
 */
import { z } from 'zod'
import { PosternError } from '../../base/model/errors.ts'
import { UNLISTED_POLICIES } from '../../base/model/integration.ts'
import { findScheme, type ProviderDefinition, type Scheme } from '../../providers/definition.ts'
import { name, timeQuery } from './fields.ts'

/** The configuration allows no more either. */
const MAX_BODY_BYTES = 256 * 1024 * 1024

const setting = z.string().max(2048)

export const SecretIn = z
  .string()
  .min(1)
  .max(64 * 1024)
  .meta({
    description: 'The provider’s secret or public key, or where it is: `env:NAME` or `file:/path`. Never shown again.',
    writeOnly: true,
  })

export const SlotIn = z.string().min(1).max(64).meta({
  description:
    'Which of the scheme’s further keys this is, where the provider issues several under names of their own. The ordinary one when absent.',
})

/** Every request is tried against every active key; a rotation needs two. */
export const MAX_LIVING_KEYS = 8

export const KeyWindow = { notBefore: timeQuery.optional(), notAfter: timeQuery.optional() }

/** Fields that creation and change have in common. */
export const IntegrationFields = {
  name,
  publicUrl: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .meta({ description: 'The address the provider was given, for schemes that sign it.' }),
  settings: z
    .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/), setting)
    .refine((settings) => Object.keys(settings).length <= 32, 'must not have more than 32 entries')
    .meta({
      description:
        'Further values that the scheme or a set-up exchange needs, as the provider’s page lists them. Shown as they are: not for secrets.',
    }),
  toleranceSeconds: z.int().min(1).max(86_400),
  maxBodyBytes: z.int().min(1).max(MAX_BODY_BYTES),
  rateLimitPerMinute: z.int().min(1).max(10_000_000),
  eventTypes: z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(1000)
    .meta({ description: 'Only these types are accepted; all when absent.' }),
  unlistedPolicy: z
    .enum(UNLISTED_POLICIES)
    .meta({ description: 'What happens to a type that `eventTypes` does not list.' }),
}

/** @throws PosternError `VALIDATION_ERROR` */
export function schemeOf(
  providers: ReadonlyMap<string, ProviderDefinition>,
  provider: string,
  scheme: string | undefined,
): { readonly definition: ProviderDefinition; readonly scheme: Scheme } {
  const definition = providers.get(provider)
  if (definition === undefined) throw invalid('provider', 'is not a provider that is known here')
  const chosen = findScheme(definition, scheme)
  if (chosen === undefined) {
    throw invalid('scheme', `must be one of ${definition.schemes.map(({ name: each }) => each).join(', ')}`)
  }
  return { definition, scheme: chosen }
}

/** @throws PosternError `VALIDATION_ERROR` when no time lies inside the window, or none that is still to come. */
export function checkWindow(window: { notBefore?: Date | undefined; notAfter?: Date | undefined }, now: Date): void {
  if (window.notAfter === undefined) return
  if (window.notAfter <= now) throw invalid('notAfter', 'has passed')
  if (window.notBefore !== undefined && window.notBefore >= window.notAfter)
    throw invalid('notAfter', 'must be later than notBefore')
}

function invalid(path: string, message: string): PosternError {
  return new PosternError('VALIDATION_ERROR', 'The integration cannot be used like this.', {
    errors: [{ path, message }],
  })
}
