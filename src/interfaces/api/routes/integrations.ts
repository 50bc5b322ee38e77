/** Integrations: who may send, and where it goes. */
import { z } from 'zod'
import { type FieldError, PosternError } from '../../../base/model/errors.ts'
import { newId, publicId, requireId } from '../../../base/model/ids.ts'
import type { Integration } from '../../../base/model/integration.ts'
import { checkSettings, pinForm } from '../../../providers/needs.ts'
import { appendAudit } from '../../../resources/store/audit.ts'
import { insertDestination, storeDestinationAuth } from '../../../resources/store/destinations.ts'
import { insertKey, listKeys } from '../../../resources/store/integration-keys.ts'
import {
  findIntegration,
  insertIntegration,
  listIntegrations,
  lockIntegration,
  notifyIntegrationsChanged,
  updateIntegration,
} from '../../../resources/store/integrations.ts'
import { insertRoute } from '../../../resources/store/routes.ts'
import { insertSigningKey } from '../../../resources/store/signing-keys.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { sealAuth } from '../destination-auth.ts'
import { DestinationIn, newDestination } from '../destination-fields.ts'
import { found, idParams, PREFIX } from '../fields.ts'
import { type GivenSecret, isProblem, judgeSecret, storeSecret, unusable } from '../inbound-secret.ts'
import { IntegrationFields, MAX_LIVING_KEYS, SecretIn, SlotIn, schemeOf } from '../integration-fields.ts'
import { IntegrationOut, integrationViews } from '../integration-view.ts'
import { activeKeys } from '../key-window.ts'
import { listOf, PAGE_QUERY, pageAnswer, pageOf } from '../paging.ts'
import { givenOrMade, sealSigningSecret } from '../signing-secret.ts'

const { name, ...optionalFields } = IntegrationFields

const IntegrationIn = z.strictObject({
  provider: z.string().min(1).max(64),
  name,
  secret: SecretIn.optional(),
  keys: z
    .array(z.strictObject({ slot: SlotIn, secret: SecretIn }))
    .max(MAX_LIVING_KEYS - 1)
    .optional()
    .meta({ description: 'Further keys of the scheme, beside `secret`.' }),
  scheme: z.string().max(64).optional(),
  ...z.object(optionalFields).partial().shape,
  destination: DestinationIn.optional(),
})

const IntegrationPatch = z
  .strictObject({
    ...z.object(IntegrationFields).partial().shape,
    status: z.enum(['active', 'disabled']).optional(),
    isDefault: z.literal(true).optional(),
    publicUrl: IntegrationFields.publicUrl.nullable().optional(),
    toleranceSeconds: IntegrationFields.toleranceSeconds.nullable().optional(),
    eventTypes: IntegrationFields.eventTypes.nullable().optional(),
  })
  .refine((patch) => Object.keys(patch).length > 0, 'must change something')

const tags = ['integrations']

export function integrationRoutes(app: Api, deps: ApiDeps): void {
  const { db, providers, secrets, config } = deps

  app.post(
    `${PREFIX}/integrations`,
    {
      config: { access: 'integrations:write' },
      schema: {
        operationId: 'createIntegration',
        summary: 'Lets a provider account send',
        description:
          'Without a secret it stays pending and accepts no events. The first of its provider is the default.',
        tags,
        body: IntegrationIn,
        response: { 201: IntegrationOut },
      },
    },
    async (request, reply) => {
      const { tenantId, name: actor } = principalOf(request)
      const { secret, keys: further = [], destination: wanted, ...fields } = request.body
      const { definition, scheme } = schemeOf(providers, fields.provider, fields.scheme)
      const settings = fields.settings ?? {}
      const id = newId()
      const given = secretsIn(secret, further)
      const judged = await Promise.all(
        given.map((each) => judgeSecret(secrets, { definition, scheme, settings }, each)),
      )
      const problems = [...checkSettings(definition, scheme, settings), ...judged.filter(isProblem)]
      if (problems.length > 0) throw unusable(problems)
      const keys = judged.flatMap((each) => {
        const keyId = newId()
        return isProblem(each) ? [] : [{ id: keyId, ...storeSecret(secrets, { id: keyId, tenantId }, each) }]
      })
      const destination =
        wanted === undefined
          ? undefined
          : newDestination(config, tenantId, wanted, { at: 'destination.', name: fields.name })

      const integration = await db.transaction(async (tx) => {
        const created = await insertIntegration(tx, {
          id,
          tenantId,
          ...defined(fields),
          status: keys.length === 0 ? 'pending' : 'active',
          settings,
          maxBodyBytes: fields.maxBodyBytes ?? config.POSTERN_MAX_BODY_BYTES,
          rateLimitPerMinute: fields.rateLimitPerMinute ?? config.POSTERN_RATE_LIMIT_PER_MINUTE,
          unlistedPolicy: fields.unlistedPolicy ?? 'park',
        })
        for (const key of keys)
          await insertKey(tx, { ...key, tenantId, integrationId: id, notBefore: null, notAfter: null })
        if (destination !== undefined) {
          await insertDestination(tx, destination)
          await insertSigningKey(tx, sealSigningSecret(secrets, destination, givenOrMade(wanted?.signingSecret)))
          if (wanted?.auth !== undefined)
            await storeDestinationAuth(tx, destination.id, sealAuth(secrets, destination, wanted.auth))
          const everything = { eventTypes: null, filter: null, transform: null }
          const ends = { integrationId: id, destinationId: destination.id }
          await insertRoute(tx, { id: newId(), tenantId, ...ends, ...everything }, actor)
        }
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'integration.created',
          entityType: 'integration',
          entityId: id,
          details: {
            provider: created.provider,
            name: created.name,
            status: created.status,
            ...(keys[0] === undefined ? {} : { keyId: publicId('key', keys[0].id) }),
            ...(keys.length < 2 ? {} : { furtherKeyIds: keys.slice(1).map((key) => publicId('key', key.id)) }),
            ...(destination === undefined
              ? {}
              : { destinationId: publicId('destination', destination.id), origin: new URL(destination.url).origin }),
          },
        })
        await notifyIntegrationsChanged(tx)
        return created
      })
      await deps.integrationsChanged()
      const [view] = await integrationViews(db, tenantId, providers, [integration])
      return reply
        .code(201)
        .header('location', `${PREFIX}/integrations/${publicId('integration', id)}`)
        .send(found(view, 'integration'))
    },
  )

  app.get(
    `${PREFIX}/integrations`,
    {
      config: { access: 'integrations:read' },
      schema: {
        operationId: 'listIntegrations',
        summary: 'Integrations, newest first',
        tags,
        querystring: z.strictObject({
          ...PAGE_QUERY,
          provider: z.string().max(64).optional(),
          activeOnly: z.enum(['true', 'false']).optional(),
        }),
        response: { 200: listOf(IntegrationOut) },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request)
      const { provider, activeOnly, ...page } = request.query
      const filter = { activeOnly: activeOnly === 'true', ...(provider === undefined ? {} : { provider }) }
      const rows = await listIntegrations(db, tenantId, filter, pageOf(page))
      const views = await integrationViews(db, tenantId, providers, rows)
      return pageAnswer(
        page,
        rows.map((row, index) => ({ id: row.id, view: found(views[index], 'integration') })),
        ({ id }) => [id],
        ({ view }) => view,
      )
    },
  )

  app.get(
    `${PREFIX}/integrations/:integrationId`,
    {
      config: { access: 'integrations:read' },
      schema: {
        operationId: 'getIntegration',
        summary: 'One integration',
        tags,
        params: idParams('integrationId'),
        response: { 200: IntegrationOut },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request)
      const id = requireId('integration', request.params.integrationId)
      const integration = found(await findIntegration(db, tenantId, id), 'integration')
      const [view] = await integrationViews(db, tenantId, providers, [integration])
      return found(view, 'integration')
    },
  )

  app.patch(
    `${PREFIX}/integrations/:integrationId`,
    {
      config: { access: 'integrations:write' },
      schema: {
        operationId: 'changeIntegration',
        summary: 'Changes what is given and leaves the rest',
        description: '`null` clears a field. Disabled, it answers like one that does not exist.',
        tags,
        params: idParams('integrationId'),
        body: IntegrationPatch,
        response: { 200: IntegrationOut },
      },
    },
    async (request) => {
      const { tenantId, name: actor } = principalOf(request)
      const id = requireId('integration', request.params.integrationId)
      const changes = request.body
      const integration = await db.transaction(async (tx) => {
        const present = found(await lockIntegration(tx, tenantId, id), 'integration')
        if (changes.status === 'active' && activeKeys(await listKeys(tx, tenantId, [id]), new Date()).length === 0) {
          throw new PosternError('CONFLICT', 'The integration has no active key; add one first.')
        }
        const problems = changes.settings === undefined ? [] : settingsProblems(providers, present, changes.settings)
        if (problems.length > 0) throw unusable(problems)
        const changed = await updateIntegration(tx, present, changes)
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'integration.changed',
          entityType: 'integration',
          entityId: id,
          // Which, not what: the values are in the row, and a setting may be more than its owner should have put there.
          details: {
            fields: Object.keys(changes).sort(),
            ...(changes.status === undefined ? {} : { status: changes.status, before: present.status }),
          },
        })
        await notifyIntegrationsChanged(tx)
        return changed
      })
      await deps.integrationsChanged()
      const [view] = await integrationViews(db, tenantId, providers, [integration])
      return found(view, 'integration')
    },
  )
}

/** The ordinary key first. */
function secretsIn(
  secret: string | undefined,
  further: readonly { readonly slot: string; readonly secret: string }[],
): readonly GivenSecret[] {
  return [
    ...(secret === undefined ? [] : [{ path: 'secret', text: secret, slot: undefined }]),
    ...further.map((each, index) => ({ path: `keys.${index}.secret`, text: each.secret, slot: each.slot })),
  ]
}

function settingsProblems(
  providers: ApiDeps['providers'],
  present: Integration,
  settings: Readonly<Record<string, string>>,
): readonly FieldError[] {
  const { definition, scheme } = schemeOf(providers, present.provider, present.scheme)
  const pin = pinForm(scheme)?.pin
  // It was set for a pasted public key. Without it that key would stand for nobody, and every request would be refused.
  const dropped = pin !== undefined && Object.hasOwn(present.settings, pin) && !Object.hasOwn(settings, pin)
  return [
    ...checkSettings(definition, scheme, settings),
    ...(dropped
      ? [{ path: `settings.${pin}`, message: 'can be changed but not removed: a pasted public key needs it' }]
      : []),
  ]
}

/** Without the fields that were not given: absent is absent, not `undefined`. */
function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
