/** Is the process up, and can it work? */
import type { FastifyInstance } from "fastify"
import { Type } from "typebox"
import { GrantryError } from "../../errors.ts"
import type { Degradation } from "../../events/health.ts"
import type { Services } from "../../services.ts"
import { errorAnswers } from "../schemas.ts"

const Up = Type.Object({ status: Type.Literal("ok") })
const degradations = [
  "revocation_backlog",
  "webhook_backlog",
  "journal_holds_grants",
  "provider_breaker_open",
  "quarantine",
  "key_service_unavailable",
] as const satisfies readonly Degradation[]
const Ready = Type.Object({
  status: Type.Union([Type.Literal("ok"), Type.Literal("degraded")]),
  reasons: Type.Array(Type.Union(degradations.map((name) => Type.Literal(name))), {
    description: "what wants an operator's eye; requests are served all the same",
  }),
})
/** Whoever watches the server must get an answer in any case. */
const open = { caller: "public", limit: "none" } as const

export function healthRoutes(app: FastifyInstance, services: Services): void {
  app.get(
    "/healthz",
    { config: open, schema: { summary: "The process is up", response: { 200: Up, ...errorAnswers } } },
    () => ({ status: "ok" as const }),
  )
  app.get(
    "/readyz",
    {
      config: open,
      schema: {
        summary: "The database answers, the keys are usable and the server is not stopping",
        response: { 200: Ready, ...errorAnswers },
      },
    },
    async () => {
      if (services.health.isStopping()) throw stopping()
      await services.health.assertUsable()
      const reasons = [...(await services.health.degradations())]
      return { status: reasons.length === 0 ? ("ok" as const) : ("degraded" as const), reasons }
    },
  )
}

function stopping(): GrantryError {
  const message = "This server is stopping. Send requests to another replica, or try again when it is back."
  return new GrantryError("SERVER_STOPPING", 503, message, { retryAfterS: 5 })
}
