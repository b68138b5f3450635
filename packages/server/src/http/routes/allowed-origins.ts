/** Which pages may call an app and be returned to: CONTRACT section 6. */
import type { AllowedOrigins } from "@grantry/sdk/wire"
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import type { Services } from "../../services.ts"
import { maxOrigins } from "../../workspace/allowed-origins.ts"
import { replaceAllowedOrigins } from "../../workspace/replace-allowed-origins.ts"
import { appOf, memberOf } from "../caller-of.ts"
import { AppParams, errorAnswers } from "../schemas.ts"

const Body = Type.Object(
  { origins: Type.Array(Type.String(), { maxItems: maxOrigins }) },
  { additionalProperties: false },
)
const Answer = Type.Object({ origins: Type.Array(Type.String()) })

const path = "/api/apps/:app/allowed-origins"
const member = { caller: "member" as const }
type Route = { Params: Static<typeof AppParams> }

export function allowedOriginRoutes(app: FastifyInstance, services: Services): void {
  const schema = { params: AppParams, response: { 200: Answer, ...errorAnswers } }
  app.get<Route>(
    path,
    { config: member, schema: { summary: "The origins of the app's web pages", ...schema } },
    async (request): Promise<AllowedOrigins> => {
      const { id, workspaceId } = await appOf(services, memberOf(request), request.params.app)
      return { origins: await services.storage.apps.listAllowedOrigins(workspaceId, id) }
    },
  )
  app.put<Route & { Body: Static<typeof Body> }>(
    path,
    { config: member, schema: { summary: "Replace the origins", body: Body, ...schema } },
    async (request): Promise<AllowedOrigins> => {
      const caller = memberOf(request)
      const found = await appOf(services, caller, request.params.app, "editor")
      return { origins: await replaceAllowedOrigins(services, found, request.body.origins, caller.actor) }
    },
  )
}
