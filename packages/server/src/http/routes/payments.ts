/** The other CLI asks for this before a pull; Grantry has no payments. */
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import { GrantryError } from "../../errors.ts"
import type { Services } from "../../services.ts"
import { appOf, memberOf } from "../caller-of.ts"
import { AppParams, errorAnswers } from "../schemas.ts"

const Status = Type.Object({ stripe_mode: Type.Null() })
type Route = { Params: Static<typeof AppParams> }
const member = { caller: "member" as const }

export function paymentRoutes(app: FastifyInstance, services: Services): void {
  app.get<Route>(
    "/api/apps/:app/payments/stripe/status",
    {
      config: member,
      schema: {
        summary: "Payments are not installed",
        params: AppParams,
        response: { 200: Status, ...errorAnswers },
      },
    },
    async (request) => {
      await appOf(services, memberOf(request), request.params.app)
      return { stripe_mode: null }
    },
  )
  app.post<Route>(
    "/api/apps/:app/payments/stripe/install",
    { config: member, schema: { summary: "Not available", params: AppParams, response: errorAnswers } },
    async (request) => {
      await appOf(services, memberOf(request), request.params.app)
      throw new GrantryError(
        "NOT_AVAILABLE",
        501,
        "Grantry connects accounts and has no payments. Remove the payments part of your project.",
      )
    },
  )
}
