/** What was sent to a webhook: CONTRACT section 10. */
import type { WebhookDelivery as DeliveryAnswer } from "@grantry/sdk/wire"
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import type { Services } from "../../services.ts"
import type { WebhookDelivery } from "../../storage/stores/webhooks.ts"
import { retryDelivery } from "../../workspace/retry-delivery.ts"
import { testWebhook } from "../../workspace/webhooks.ts"
import { notFound } from "../caller-of.ts"
import { cursorAt, notACursor, pageAsked, PageQuery } from "../paging.ts"
import { errorAnswers, Nullable } from "../schemas.ts"
import { audit, endpointOf, EventType, iso, OneParams, type OneRoute } from "../webhook-endpoint.ts"

const DeliveryParams = Type.Object({
  ws: Type.String(),
  webhookId: Type.String(),
  deliveryId: Type.String(),
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

const member = { caller: "member" as const }

export function webhookDeliveryRoutes(app: FastifyInstance, services: Services): void {
  testRoute(app, services)
  deliveriesRoute(app, services)
  retryRoute(app, services)
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

function retryRoute(app: FastifyInstance, services: Services): void {
  app.post<{ Params: Static<typeof DeliveryParams> }>(
    "/api/workspace/:ws/webhooks/:webhookId/deliveries/:deliveryId/retry",
    {
      config: member,
      schema: {
        summary: "Send once more, now, what has not arrived, and say what the endpoint answered",
        params: DeliveryParams,
        response: { 200: Delivery, ...errorAnswers },
      },
    },
    async (request) => {
      const endpoint = await endpointOf(services, request)
      const delivery = await retryDelivery(services, endpoint, request.params.deliveryId)
      if (!delivery) throw notFound("delivery")
      await audit(services, request, endpoint, "webhook.retry")
      return shapeDelivery(delivery)
    },
  )
}

function timeIn(text: string | undefined): number {
  const time = Number(text)
  if (!Number.isSafeInteger(time)) throw notACursor()
  return time
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
