/** What the routes of one webhook endpoint share. */
import type { FastifyRequest } from "fastify"
import { type Static, Type } from "typebox"
import type { Services } from "../services.ts"
import { type WebhookEndpoint, webhookEventTypes } from "../storage/stores/webhooks.ts"
import { memberOf, notFound, requireWorkspace } from "./caller-of.ts"

export const OneParams = Type.Object({ ws: Type.String(), webhookId: Type.String() })
export const EventType = Type.Union(webhookEventTypes.map((type) => Type.Literal(type)))
export type OneRoute = { Params: Static<typeof OneParams> }

/** @throws NOT_FOUND, ROLE_REQUIRED */
export async function endpointOf(
  services: Services,
  request: FastifyRequest<OneRoute>,
): Promise<WebhookEndpoint> {
  const { webhookId, ws } = request.params
  requireWorkspace(memberOf(request), ws, "admin")
  const endpoint = await services.storage.webhooks.findEndpoint(ws, webhookId)
  if (!endpoint) throw notFound("webhook")
  return endpoint
}

export async function audit(
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

export function iso(at: number): string {
  return new Date(at).toISOString()
}
