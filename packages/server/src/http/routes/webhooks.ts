/** A workspace's webhooks: CONTRACT section 10. */
import type { Webhook, WebhookDelivery as DeliveryAnswer } from "@grantry/sdk/wire"
import type { FastifyInstance, FastifyRequest } from "fastify"
import { type Static, Type } from "typebox"
import type { Services } from "../../services.ts"
import {
  type WebhookDelivery,
  type WebhookEndpoint,
  webhookEventTypes,
} from "../../storage/stores/webhooks.ts"
import { createWebhook, rotateSecret, testWebhook } from "../../workspace/webhooks.ts"
import { memberOf, notFound, requireWorkspace } from "../caller-of.ts"
import { cursorAt, notACursor, pageAsked, PageQuery } from "../paging.ts"
import { errorAnswers, Nullable, page } from "../schemas.ts"

const Params = Type.Object({ ws: Type.String() })
const OneParams = Type.Object({ ws: Type.String(), webhookId: Type.String() })
const EventType = Type.Union(webhookEventTypes.map((type) => Type.Literal(type)))
const CreateBody = Type.Object(
  {
    url: Type.String({ minLength: 1, maxLength: 2_048 }),
    events: Type.Array(EventType, { minItems: 1, maxItems: webhookEventTypes.length }),
    app_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  },
  { additionalProperties: false },
)
const answer = {
  id: Type.String(),
  url: Type.String(),
  events: Type.Array(EventType),
  app_id: Nullable(Type.String()),
  status: Type.Union([Type.Literal("enabled"), Type.Literal("disabled")]),
  disabled_reason: Nullable(Type.String()),
  failing_since: Nullable(Type.String()),
  created_at: Type.String(),
}
const Answer = Type.Object(answer)
const Created = Type.Object({ ...answer, secret: Type.String({ description: "shown once" }) })
const List = Type.Object({ webhooks: Type.Array(Answer), next_cursor: Nullable(Type.String()) })
const Rotated = Type.Object({
  id: Type.String(),
  secret: Type.String({ description: "shown once" }),
  previous_secret_until: Type.String({ description: "until then the old secret signs too" }),
})
const Delivery = Type.Object({
  id: Type.String({ description: "the header webhook-id of every try" }),
  event: Type.Union([EventType, Type.Literal("webhook.test")]),
  outcome: Type.Union([Type.Literal("pending"), Type.Literal("delivered"), Type.Literal("failed")]),
  tries: Type.Integer(),
  http_status: Nullable(Type.Integer()),
  error: Nullable(Type.String()),
  next_try_at: Nullable(Type.String()),
  created_at: Type.String(),
  settled_at: Nullable(Type.String()),
})
const Deliveries = Type.Object({ deliveries: Type.Array(Delivery), next_cursor: Nullable(Type.String()) })
const Deleted = Type.Object({ status: Type.Literal("deleted"), id: Type.String() })

const member = { caller: "member" as const }
type OneRoute = { Params: Static<typeof OneParams> }

/** Addresses of webhooks often hold a secret of their own: admins see them, as they see connectors' clients. */
export function webhookRoutes(app: FastifyInstance, services: Services): void {
  listRoute(app, services)
  createRoute(app, services)
  deleteRoute(app, services)
  rotateRoute(app, services)
  enableRoute(app, services)
  testRoute(app, services)
  deliveriesRoute(app, services)
}

function listRoute(app: FastifyInstance, services: Services): void {
  app.get<{ Params: Static<typeof Params> }>(
    "/api/workspace/:ws/webhooks",
    {
      config: member,
      schema: {
        summary: "The workspace's webhooks",
        params: Params,
        response: { 200: List, ...errorAnswers },
      },
    },
    async (request) => {
      requireWorkspace(memberOf(request), request.params.ws, "admin")
      return page("webhooks", (await services.storage.webhooks.listEndpoints(request.params.ws)).map(shape))
    },
  )
}

function createRoute(app: FastifyInstance, services: Services): void {
  app.post<{ Params: Static<typeof Params>; Body: Static<typeof CreateBody> }>(
    "/api/workspace/:ws/webhooks",
    {
      config: member,
      schema: {
        summary: "Register an endpoint for events; the answer holds its signing secret, once",
        params: Params,
        body: CreateBody,
        response: { 200: Created, ...errorAnswers },
      },
    },
    async (request, reply) => {
      const { ws: workspaceId } = request.params
      requireWorkspace(memberOf(request), workspaceId, "admin")
      const { app_id: appId = null, events, url } = request.body
      if (appId !== null && !(await services.storage.apps.find(workspaceId, appId))) throw notFound("app")
      const { endpoint, secret } = await createWebhook(services, { workspaceId, appId, events, url })
      await audit(services, request, endpoint, "webhook.create")
      reply.header("cache-control", "no-store")
      return { ...shape(endpoint), secret }
    },
  )
}

function deleteRoute(app: FastifyInstance, services: Services): void {
  app.delete<OneRoute>(
    "/api/workspace/:ws/webhooks/:webhookId",
    {
      config: member,
      schema: {
        summary: "Delete a webhook with its deliveries",
        params: OneParams,
        response: { 200: Deleted, ...errorAnswers },
      },
    },
    async (request) => {
      const endpoint = await endpointOf(services, request)
      if (!(await services.storage.webhooks.deleteEndpoint(endpoint.workspaceId, endpoint.id)))
        throw notFound("webhook")
      await audit(services, request, endpoint, "webhook.delete")
      return { status: "deleted" as const, id: endpoint.id }
    },
  )
}

function rotateRoute(app: FastifyInstance, services: Services): void {
  app.post<OneRoute>(
    "/api/workspace/:ws/webhooks/:webhookId/rotate-secret",
    {
      config: member,
      schema: {
        summary: "A new signing secret; the old one signs too for a day",
        params: OneParams,
        response: { 200: Rotated, ...errorAnswers },
      },
    },
    async (request, reply) => {
      const endpoint = await endpointOf(services, request)
      const rotated = await rotateSecret(services, endpoint.workspaceId, endpoint.id)
      if (!rotated) throw notFound("webhook")
      await audit(services, request, endpoint, "webhook.rotate_secret")
      reply.header("cache-control", "no-store")
      const { previousUntil, secret } = rotated
      return { id: endpoint.id, secret, previous_secret_until: iso(previousUntil) }
    },
  )
}

function enableRoute(app: FastifyInstance, services: Services): void {
  app.post<OneRoute>(
    "/api/workspace/:ws/webhooks/:webhookId/enable",
    {
      config: member,
      schema: {
        summary: "Send events again to an endpoint that was disabled",
        params: OneParams,
        response: { 200: Answer, ...errorAnswers },
      },
    },
    async (request) => {
      const { id, workspaceId } = await endpointOf(services, request)
      await services.storage.webhooks.enable(workspaceId, id)
      const endpoint = await endpointOf(services, request)
      await audit(services, request, endpoint, "webhook.enable")
      return shape(endpoint)
    },
  )
}

function testRoute(app: FastifyInstance, services: Services): void {
  app.post<OneRoute>(
    "/api/workspace/:ws/webhooks/:webhookId/test",
    {
      config: member,
      schema: {
        summary: "Send a webhook.test event now, and say what the endpoint answered",
        params: OneParams,
        response: { 200: Delivery, ...errorAnswers },
      },
    },
    async (request) => {
      const endpoint = await endpointOf(services, request)
      const delivery = await testWebhook(services, endpoint)
      await audit(services, request, endpoint, "webhook.test")
      return shapeDelivery(delivery)
    },
  )
}

function deliveriesRoute(app: FastifyInstance, services: Services): void {
  app.get<OneRoute & { Querystring: Static<typeof PageQuery> }>(
    "/api/workspace/:ws/webhooks/:webhookId/deliveries",
    {
      config: member,
      schema: {
        summary: "What was sent to a webhook and what became of it, newest first; a week back",
        params: OneParams,
        querystring: PageQuery,
        response: { 200: Deliveries, ...errorAnswers },
      },
    },
    async (request) => {
      const endpoint = await endpointOf(services, request)
      const { after, limit } = pageAsked(request.query, 2)
      const place = after && { createdAt: timeIn(after[0]), id: after[1] ?? "" }
      const rows = await services.storage.webhooks.listDeliveries(endpoint.workspaceId, endpoint.id, {
        limit: limit + 1,
        ...(place && { after: place }),
      })
      const last = rows.length > limit ? rows[limit - 1] : undefined
      return {
        deliveries: rows.slice(0, limit).map(shapeDelivery),
        next_cursor: last ? cursorAt([String(last.createdAt), last.id]) : null,
      }
    },
  )
}

/** @throws NOT_FOUND, ROLE_REQUIRED */
async function endpointOf(services: Services, request: FastifyRequest<OneRoute>): Promise<WebhookEndpoint> {
  const { webhookId, ws } = request.params
  requireWorkspace(memberOf(request), ws, "admin")
  const endpoint = await services.storage.webhooks.findEndpoint(ws, webhookId)
  if (!endpoint) throw notFound("webhook")
  return endpoint
}

async function audit(
  services: Services,
  request: FastifyRequest,
  endpoint: WebhookEndpoint,
  action: string,
): Promise<void> {
  await services.audit.record({
    workspaceId: endpoint.workspaceId,
    appId: endpoint.appId,
    actor: memberOf(request).actor,
    action,
    target: endpoint.id,
    outcome: "ok",
    address: request.ip,
    requestId: request.id,
  })
}

function timeIn(text: string | undefined): number {
  const time = Number(text)
  if (!Number.isSafeInteger(time)) throw notACursor()
  return time
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

function shape(endpoint: WebhookEndpoint) {
  const { appId, createdAt, disabledReason, events, failingSince, id, status, url } = endpoint
  return {
    id,
    url,
    status,
    events: [...events],
    app_id: appId,
    disabled_reason: disabledReason,
    failing_since: failingSince === null ? null : iso(failingSince),
    created_at: iso(createdAt),
  } satisfies Webhook
}

function shapeDelivery(delivery: WebhookDelivery) {
  const { createdAt, eventType, id, lastError, lastStatus, nextTryAt, outcome, settledAt, tries } = delivery
  return {
    id,
    outcome,
    tries,
    event: eventType,
    http_status: lastStatus,
    error: lastError,
    next_try_at: outcome === "pending" ? iso(nextTryAt) : null,
    created_at: iso(createdAt),
    settled_at: settledAt === null ? null : iso(settledAt),
  } satisfies DeliveryAnswer
}
