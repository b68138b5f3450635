/** What Prometheus reads. Off the public interface unless a token is set. */
import { timingSafeEqual } from "node:crypto"
import type { FastifyInstance, FastifyRequest } from "fastify"
import { Type } from "typebox"
import { unauthorized } from "../../callers/caller.ts"
import { GrantryError } from "../../errors.ts"
import { contentType, renderFamilies } from "../../events/metrics/family.ts"
import { sha256Text } from "../../random.ts"
import type { Services } from "../../services.ts"
import { errorAnswers } from "../schemas.ts"

export function metricsRoutes(app: FastifyInstance, services: Services): void {
  app.get(
    "/metrics",
    {
      config: { caller: "public", limit: "none" },
      schema: {
        summary: "Prometheus metrics, for whoever holds GRANTRY_METRICS_TOKEN",
        response: { 200: Type.String(), ...errorAnswers },
      },
    },
    async (request, reply) => {
      requireReader(services, request)
      reply.type(contentType).header("cache-control", "no-store")
      return renderFamilies(await services.metrics.families())
    },
  )
}

/** @throws UNAUTHORIZED; NOT_FOUND where nobody may read them */
function requireReader({ config }: Services, request: FastifyRequest): void {
  const token = config.operating.metricsToken
  if (token !== null) {
    if (!isSame(request.headers.authorization ?? "", `Bearer ${token}`)) throw unauthorized()
    return
  }
  // A proxy on the same machine makes everybody's requests come from here: that is for development only.
  if (config.production || !isLoopback(request.ip))
    throw new GrantryError("NOT_FOUND", 404, "Metrics are off. Set GRANTRY_METRICS_TOKEN to read them.")
}

function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(sha256Text(given)), Buffer.from(sha256Text(expected)))
}

function isLoopback(address: string): boolean {
  return /^(::ffff:)?127\./.test(address) || address === "::1"
}
