/** How a member signs in, and linking an account of the operator's OpenID provider. */
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import { beginOpenId, requireOpenId } from "../../members/openid/begin.ts"
import { requireMayLink, unlinkOpenId } from "../../members/openid/link-account.ts"
import { readSignInMethods } from "../../members/read-sign-in-methods.ts"
import type { Services } from "../../services.ts"
import type { BrowserBinding } from "../browser-binding.ts"
import { Nullable } from "../schemas.ts"
import { signedInId, visitorOf } from "../signed-in.ts"
import { Done, Password, schema } from "./auth.ts"

const Methods = Type.Object({
  password: Type.Boolean(),
  secondFactor: Nullable(Type.Object({ since: Type.String() })),
  openId: Nullable(
    Type.Object(
      { name: Type.String(), linked: Type.Boolean() },
      { description: "null: this server has none" },
    ),
  ),
})
const LinkBody = Type.Object({
  password: Type.Optional(Type.String({ ...Password, description: "of whoever has one" })),
})
const Link = Type.Object({ url: Type.String({ description: "where the browser goes next" }) })

const open = { caller: "public" as const }

export function signInMethodRoutes(app: FastifyInstance, services: Services, binding: BrowserBinding): void {
  app.get(
    "/api/auth/sign-in-methods",
    { config: open, exposeHeadRoute: false, schema: schema("How you sign in", Methods) },
    async (request, reply) => {
      reply.header("cache-control", "no-store")
      return readSignInMethods(services, await signedInId(services, request))
    },
  )
  app.post<{ Body: Static<typeof LinkBody> }>(
    "/api/auth/oidc/link",
    { config: open, schema: schema("Begin to link the OpenID provider with your account", Link, LinkBody) },
    async (request, reply) => {
      const memberId = await signedInId(services, request)
      requireOpenId(services)
      await requireMayLink(services, memberId, request.body.password)
      const begun = { memberId, nextPath: "/account", address: request.ip }
      const url = await beginOpenId(services, { ...begun, browserSecret: binding.bind(request, reply) })
      reply.header("cache-control", "no-store")
      return { url: url.href }
    },
  )
  app.post(
    "/api/auth/oidc/unlink",
    { config: open, schema: schema("Unlink it; never your last way in", Done) },
    async (request) => {
      await unlinkOpenId(services, await signedInId(services, request), visitorOf(request))
      return { status: true }
    },
  )
}
