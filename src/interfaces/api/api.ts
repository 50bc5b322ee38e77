/**
 * The management surface: what people and programs see of the gateway, and how they change it.
 *
 * Every route declares who may enter; every answer that is not a success is a problem document; every change is
 * audited in the transaction that makes it; no secret leaves. Other tenants' things do not exist here.
 *
 * Boundary: receives no webhooks (flow/ingress does) and opens no port (server.ts does).
 */
import fastify from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { PosternError } from '../../base/model/errors.ts'
import { newId, publicId } from '../../base/model/ids.ts'
import { checkAccess } from './access-check.ts'
import type { Api, ApiDeps } from './deps.ts'
import { readJsonBodies } from './json-body.ts'
import { refuseOtherMethods } from './method-not-allowed.ts'
import { describeApi } from './openapi.ts'
import { answerProblem } from './problem.ts'
import { alertChannelRoutes } from './routes/alert-channels.ts'
import { alertRuleRoutes } from './routes/alert-rules.ts'
import { alertRoutes } from './routes/alerts.ts'
import { auditRoutes } from './routes/audit-entries.ts'
import { deadLetterRoutes } from './routes/dead-letters.ts'
import { deliveryRoutes } from './routes/deliveries.ts'
import { deliverySinkRoutes } from './routes/delivery-sink.ts'
import { destinationRoutes } from './routes/destinations.ts'
import { eventRoutes } from './routes/events.ts'
import { expressionRoutes } from './routes/expressions.ts'
import { healthRoutes } from './routes/health.ts'
import { integrationKeyRoutes } from './routes/integration-keys.ts'
import { integrationRoutes } from './routes/integrations.ts'
import { legalHoldRoutes } from './routes/legal-holds.ts'
import { metricsRoutes } from './routes/metrics.ts'
import { quarantineRoutes } from './routes/quarantine.ts'
import { replayPlanRoutes } from './routes/replay-plans.ts'
import { replayRoutes } from './routes/replays.ts'
import { retentionRoutes } from './routes/retention.ts'
import { routeRoutes } from './routes/routes.ts'
import { schemaRoutes } from './routes/schemas.ts'
import { surfaceRoutes } from './routes/surfaces.ts'

/** A management request is a form's worth of JSON. */
const MAX_BODY_BYTES = 64 * 1024

const ROUTES = [
  healthRoutes,
  metricsRoutes,
  integrationRoutes,
  integrationKeyRoutes,
  destinationRoutes,
  routeRoutes,
  eventRoutes,
  expressionRoutes,
  schemaRoutes,
  deliveryRoutes,
  deadLetterRoutes,
  replayRoutes,
  replayPlanRoutes,
  quarantineRoutes,
  auditRoutes,
  alertRoutes,
  surfaceRoutes,
  alertRuleRoutes,
  alertChannelRoutes,
  retentionRoutes,
  legalHoldRoutes,
  deliverySinkRoutes,
]

export async function createApi(given: ApiDeps): Promise<Api> {
  const { log } = given
  const deps: ApiDeps = {
    ...given,
    // The change is committed and announced: a gateway that could not reload now will on its next poll. To answer
    // an error here would make the caller do it again.
    integrationsChanged: () =>
      given.integrationsChanged().catch((err: unknown) => log.warn({ err }, 'a change is not in effect here yet')),
  }
  const app: Api = fastify({
    logger: false,
    bodyLimit: MAX_BODY_BYTES,
    genReqId: () => publicId('correlation', newId()),
    requestIdHeader: false,
    frameworkErrors: (error, request, reply) => {
      reply.headers(commonHeaders(request.id))
      answerProblem(log, error, request, reply)
    },
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler((error, request, reply) => answerProblem(log, error, request, reply))
  app.setNotFoundHandler((request, reply) => answerProblem(log, nothingHere(), request, reply))

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(commonHeaders(request.id))
  })
  const methods = refuseOtherMethods(app)
  checkAccess(app, deps.authenticate)
  readJsonBodies(app)
  app.addHook('onResponse', async (request, reply) => {
    log.info(
      {
        correlationId: request.id,
        method: request.method,
        // The pattern, not the path: what stands in a path or a query may be a secret somebody misplaced.
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime),
        principal: request.principal?.name ?? null,
      },
      'request',
    )
  })

  await describeApi(app, deps.providers)
  for (const routes of ROUTES)
    await app.register(async (scope) => routes(scope.withTypeProvider<ZodTypeProvider>(), deps))
  await app.after()
  methods.complete()
  await app.ready()
  return app
}

/** On every answer. Nothing here is a page: it must not be rendered, framed, cached or guessed at. */
function commonHeaders(correlationId: string): Record<string, string> {
  return {
    'x-correlation-id': correlationId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'referrer-policy': 'no-referrer',
  }
}

function nothingHere(): PosternError {
  return new PosternError('NOT_FOUND', 'There is nothing at this address.')
}
