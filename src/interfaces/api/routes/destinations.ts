/** Destinations: where events are delivered, and the secrets they check our signature with. */
import { z } from 'zod'
import { DESTINATION_STATUSES, SIGNING_SCHEMES } from '../../../base/model/destination.ts'
import { ATTEMPT_OUTCOMES } from '../../../base/model/event.ts'
import { publicId, requireId } from '../../../base/model/ids.ts'
import { appendAudit } from '../../../resources/store/audit.ts'
import {
  findDestination,
  insertDestination,
  listDestinations,
  lockDestination,
  storeDestinationAuth,
  updateDestination,
} from '../../../resources/store/destinations.ts'
import { resetHealth } from '../../../resources/store/health.ts'
import { insertSigningKey, retireSigningKeys } from '../../../resources/store/signing-keys.ts'
import { principalOf } from '../access-check.ts'
import type { Api, ApiDeps } from '../deps.ts'
import { sealAuth } from '../destination-auth.ts'
import { changedDestination, DestinationIn, DestinationPatch, newDestination } from '../destination-fields.ts'
import { DestinationDetailOut, DestinationOut, destinationDetail, destinationView } from '../destination-view.ts'
import { found, idField, idParams, isoTime, PREFIX, time } from '../fields.ts'
import { listOf, PAGE_QUERY, pageAnswer, pageOf } from '../paging.ts'
import { givenOrMade, makeSigningSecret, sealSigningSecret } from '../signing-secret.ts'

const tags = ['destinations']

/** Receivers are told of a new secret by people, who need a day. */
const DEFAULT_OVERLAP_SECONDS = 86_400
const MAX_OVERLAP_SECONDS = 30 * 86_400

export function destinationRoutes(app: Api, deps: ApiDeps): void {
  const { db, config, secrets } = deps

  app.post(
    `${PREFIX}/destinations`,
    {
      config: { access: 'destinations:write' },
      schema: {
        operationId: 'createDestination',
        summary: 'Adds a place where events may be delivered',
        description: 'Routes lead there; until there is one, nothing does.',
        tags,
        body: DestinationIn,
        response: { 201: DestinationDetailOut },
      },
    },
    async (request, reply) => {
      const { tenantId, name: actor } = principalOf(request)
      const destination = newDestination(config, tenantId, request.body, { at: '' })
      const view = await db.transaction(async (tx) => {
        const created = await insertDestination(tx, destination)
        await insertSigningKey(tx, sealSigningSecret(secrets, destination, givenOrMade(request.body.signingSecret)))
        const { auth } = request.body
        if (auth !== undefined) await storeDestinationAuth(tx, created.id, sealAuth(secrets, created, auth))
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'destination.created',
          entityType: 'destination',
          entityId: created.id,
          details: {
            ...{ name: created.name, origin: new URL(created.url).origin, shadow: created.shadow },
            ...(created.auth === null ? {} : { auth: created.auth.kind }),
            ...(created.tlsVerify ? {} : { tlsVerify: false }),
          },
        })
        return destinationDetail(tx, created)
      })
      return reply.code(201).send(view)
    },
  )

  app.get(
    `${PREFIX}/destinations`,
    {
      config: { access: 'destinations:read' },
      schema: {
        operationId: 'listDestinations',
        summary: 'Destinations, newest first',
        tags,
        querystring: z.strictObject({ ...PAGE_QUERY, status: z.enum(DESTINATION_STATUSES).optional() }),
        response: { 200: listOf(DestinationOut) },
      },
    },
    async (request) => {
      const { status, ...page } = request.query
      const rows = await listDestinations(db, principalOf(request).tenantId, { status }, pageOf(page))
      return pageAnswer(page, rows, (row) => [row.id], destinationView)
    },
  )

  app.get(
    `${PREFIX}/destinations/:destinationId`,
    {
      config: { access: 'destinations:read' },
      schema: {
        operationId: 'getDestination',
        summary: 'One destination',
        tags,
        params: idParams('destinationId'),
        response: { 200: DestinationDetailOut },
      },
    },
    async (request) => {
      const { tenantId } = principalOf(request)
      const id = requireId('destination', request.params.destinationId)
      const destination = found(await findDestination(db, tenantId, id), 'destination')
      return destinationDetail(db, destination)
    },
  )

  app.patch(
    `${PREFIX}/destinations/:destinationId`,
    {
      config: { access: 'destinations:write' },
      schema: {
        operationId: 'changeDestination',
        summary: 'Changes what is given and leaves the rest',
        description:
          'Deliveries under way and those that wait for a retry go by what holds when they are made. `paused` keeps events until it is `active` again, which also forgets its failures.',
        tags,
        params: idParams('destinationId'),
        body: DestinationPatch,
        response: { 200: DestinationDetailOut },
      },
    },
    async (request) => {
      const { tenantId, name: actor } = principalOf(request)
      const id = requireId('destination', request.params.destinationId)
      return db.transaction(async (tx) => {
        const present = found(await lockDestination(tx, tenantId, id), 'destination')
        if (request.body.status === 'active' && present.status !== 'active') await resetHealth(tx, id)
        const changed = await updateDestination(tx, changedDestination(config, present, request.body))
        const { auth } = request.body
        if (auth !== undefined)
          await storeDestinationAuth(tx, id, auth === null ? null : sealAuth(secrets, changed, auth))
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'destination.changed',
          entityType: 'destination',
          entityId: id,
          details: {
            fields: Object.keys(request.body).sort(),
            ...(present.status === changed.status ? {} : { status: changed.status, before: present.status }),
            ...(present.tlsVerify === changed.tlsVerify ? {} : { tlsVerify: changed.tlsVerify }),
            ...(auth === undefined ? {} : { auth: auth?.kind ?? null }),
            ...(present.url === changed.url ? {} : { origin: new URL(changed.url).origin }),
          },
        })
        return destinationDetail(tx, changed)
      })
    },
  )

  app.post(
    `${PREFIX}/destinations/:destinationId/test`,
    {
      config: { access: 'destinations:write' },
      schema: {
        operationId: 'testDestination',
        summary: 'Sends a signed event of the type postern.test there, now and once',
        description: 'It is no event of anybody’s: nothing is stored but the audit entry.',
        tags,
        params: idParams('destinationId'),
        response: {
          200: z.object({
            delivered: z.boolean(),
            outcome: z.enum(ATTEMPT_OUTCOMES),
            httpStatus: z.int().nullable(),
            error: z.string().nullable(),
            durationMs: z.int(),
          }),
        },
      },
    },
    async (request) => {
      const { tenantId, name: actor } = principalOf(request)
      const id = requireId('destination', request.params.destinationId)
      const result = found(await deps.testDestination(tenantId, id), 'destination')
      await appendAudit(db, {
        tenantId,
        actor,
        action: 'destination.tested',
        entityType: 'destination',
        entityId: id,
        details: { outcome: result.outcome, httpStatus: result.httpStatus },
      })
      return result
    },
  )

  app.post(
    `${PREFIX}/destinations/:destinationId/signing-secret`,
    {
      config: { access: 'destinations:write' },
      schema: {
        operationId: 'rotateSigningSecret',
        summary: 'Makes a new signing secret and shows it this once',
        description:
          'Deliveries carry a signature of each secret in force, those that are being retried too: the new one from now on, the ones before until `overlapSeconds` have passed, where anybody was given them. For `v1a` the public key is shown, and the private one never.',
        tags,
        params: idParams('destinationId'),
        body: z
          .strictObject({
            scheme: z.enum(SIGNING_SCHEMES).optional(),
            overlapSeconds: z
              .int()
              .min(0)
              .max(MAX_OVERLAP_SECONDS)
              .optional()
              .meta({
                description: `How long the secrets before go on signing; ${DEFAULT_OVERLAP_SECONDS} unless given, 0 ends them at once.`,
              }),
          })
          .nullish(),
        response: {
          201: z.object({
            id: idField('destination'),
            keyId: idField('key'),
            scheme: z.enum(SIGNING_SCHEMES),
            secret: z.string().optional(),
            publicKey: z.string().optional(),
            previousUntil: time.meta({ description: 'Until then the secrets before sign as well.' }),
          }),
        },
      },
    },
    async (request, reply) => {
      const { tenantId, name: actor } = principalOf(request)
      const id = requireId('destination', request.params.destinationId)
      const made = makeSigningSecret(request.body?.scheme ?? 'v1')
      const key = sealSigningSecret(secrets, { id, tenantId }, made)
      const until = new Date(Date.now() + (request.body?.overlapSeconds ?? DEFAULT_OVERLAP_SECONDS) * 1000)
      await db.transaction(async (tx) => {
        found(await lockDestination(tx, tenantId, id), 'destination')
        await retireSigningKeys(tx, id, until)
        await insertSigningKey(tx, key)
        await appendAudit(tx, {
          tenantId,
          actor,
          action: 'destination.signing_secret_rotated',
          entityType: 'destination',
          entityId: id,
          details: { keyId: publicId('key', key.id), scheme: made.scheme, previousUntil: isoTime(until) },
        })
      })
      return reply.code(201).send({
        id: publicId('destination', id),
        keyId: publicId('key', key.id),
        scheme: made.scheme,
        ...made.shown,
        previousUntil: isoTime(until),
      })
    },
  )
}
