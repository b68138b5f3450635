/** The page behind the one-time link that the server prints at its first start. */
import type { FastifyInstance } from "fastify"
import { authorizationRefused } from "../../authorization/refusals.ts"
import type { Services } from "../../services.ts"
import type { FirstOwner } from "../../workspace/bootstrap.ts"
import { isStartLink, redeemStartLink } from "../../workspace/first-keys.ts"
import { isFromElsewhere } from "../browser-request.ts"
import { sendPage } from "../pages/layout.ts"
import { firstKeysPage, startLinkOverPage, startPage } from "../pages/start-page.ts"

const page = { caller: "page" as const }
type Route = { Params: { secret: string } }

export function startRoutes(app: FastifyInstance, services: Services, owner: FirstOwner): void {
  app.get<Route>("/start/:secret", { config: page, schema: { hide: true } }, async (request, reply) => {
    const { secret } = request.params
    return sendPage(reply, (await isStartLink(services, secret)) ? startPage(secret) : startLinkOverPage())
  })
  app.post<Route>("/start/:secret", { config: page, schema: { hide: true } }, async (request, reply) => {
    if (isFromElsewhere(request, new URL(services.config.publicUrl).origin))
      throw authorizationRefused("This form was not sent from its own page.")
    const keys = await redeemStartLink(services, owner, request.params.secret)
    if (!keys) return sendPage(reply, startLinkOverPage())
    return sendPage(reply, firstKeysPage(services.config.publicUrl, keys, exampleType(services)))
  })
}

/** One that needs no values before consent; where a client or the sandbox is missing, the answer says so. */
function exampleType({ catalog }: Services): string {
  const simple = catalog.all().find(({ config }) => config.asked.length === 0)
  return simple?.type ?? ""
}
