/** Is the process up, and can it work? */
import type { FastifyInstance } from "fastify"
import { Type } from "typebox"
import type { Services } from "../../services.ts"
import { errorAnswers } from "../schemas.ts"

const Status = Type.Object({ status: Type.Literal("ok") })
const open = { caller: "public" as const }

export function healthRoutes(app: FastifyInstance, services: Services): void {
  app.get(
    "/healthz",
    { config: open, schema: { summary: "The process is up", response: { 200: Status } } },
    () => ({ status: "ok" as const }),
  )
  // The master key was proven at start; what can fail later is the database.
  app.get(
    "/readyz",
    {
      config: open,
      schema: {
        summary: "The database answers and the keys are usable",
        response: { 200: Status, ...errorAnswers },
      },
    },
    async () => {
      await services.storage.ping()
      return { status: "ok" as const }
    },
  )
}
