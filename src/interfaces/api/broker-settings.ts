/** What may be said about a destination that is a broker or a table: where in it, and how to log in. */
import { z } from 'zod'
import type { Destination, DestinationKind, DestinationSettings } from '../../base/model/destination.ts'
import type { FieldError } from '../../base/model/errors.ts'
import { BROKER_SCHEMES } from '../../resources/outbound/brokers/broker-url.ts'

const SUBJECT = /^[^\s.*>]+(?:\.[^\s.*>]+)*$/
const TABLE = /^[A-Za-z_][A-Za-z0-9_$]{0,62}(?:\.[A-Za-z_][A-Za-z0-9_$]{0,62})?$/

export const SettingsIn = z
  .strictObject({
    exchange: z.string().max(255),
    routingKey: z.string().max(255),
    subject: z.string().max(255).regex(SUBJECT, 'must be a subject without wildcards'),
    stream: z.string().min(1).max(512),
    maxLength: z.int().min(1).max(100_000_000),
    table: z.string().regex(TABLE, 'must be a table or schema.table'),
  })
  .partial()
  .meta({
    description:
      'Where in a broker: `exchange` and `routingKey` (rabbitmq), `subject` (nats), `stream` and `maxLength` (redis), `table` (postgres).',
  })

/** For each kind: what it may have, what it must have, and which credentials it takes. */
const KINDS: Readonly<
  Record<
    DestinationKind,
    {
      readonly may: readonly (keyof DestinationSettings)[]
      readonly must: readonly (keyof DestinationSettings)[]
      readonly auth: readonly string[]
    }
  >
> = {
  http: { may: [], must: [], auth: ['headers', 'basic', 'bearer', 'oauth2', 'mtls'] },
  rabbitmq: { may: ['exchange', 'routingKey'], must: ['routingKey'], auth: ['basic', 'mtls'] },
  nats: { may: ['subject'], must: ['subject'], auth: ['basic', 'bearer', 'mtls'] },
  redis: { may: ['stream', 'maxLength'], must: ['stream'], auth: ['basic', 'mtls'] },
  postgres: { may: ['table'], must: ['table'], auth: ['basic', 'mtls'] },
}

export function kindProblems(
  { kind, settings, auth }: Pick<Destination, 'kind' | 'settings' | 'auth'>,
  at: string,
): readonly FieldError[] {
  const { may, must, auth: taken } = KINDS[kind]
  const given = Object.keys(settings) as (keyof DestinationSettings)[]
  return [
    ...given
      .filter((name) => !may.includes(name))
      .map((name) => ({
        path: `${at}settings.${name}`,
        message: `means nothing to a destination of the kind ${kind}`,
      })),
    ...must
      .filter((name) => !given.includes(name))
      .map((name) => ({ path: `${at}settings.${name}`, message: `is what the kind ${kind} goes by` })),
    ...(auth === null || taken.includes(auth.kind)
      ? []
      : [{ path: `${at}auth.kind`, message: `must be ${taken.join(' or ')} for the kind ${kind}` }]),
  ]
}

export function schemesOf(kind: DestinationKind): string {
  const schemes = kind === 'http' ? ['https', 'http'] : Object.keys(BROKER_SCHEMES[kind]).reverse()
  return schemes.map((scheme) => `${scheme}://`).join(' or ')
}
