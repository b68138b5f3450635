/** Who an app's user is: CONTRACT section 2. */
import type { AppUser, MintedUserToken } from "@grantry/sdk/wire"
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import { mintUserToken } from "../../callers/mint-user-token.ts"
import { maxTokenLifeS } from "../../callers/signing-keys.ts"
import type { Services } from "../../services.ts"
import { appUserOf, notFound, serviceOf } from "../caller-of.ts"
import { AppParams, errorAnswers, Nullable } from "../schemas.ts"

const defaultTokenLifeS = 3_600

const MintBody = Type.Object(
  {
    user_id: Type.String({ description: "yours; 1 to 255 printable characters" }),
    email: Type.Optional(Nullable(Type.String({ maxLength: 320 }))),
    name: Type.Optional(Nullable(Type.String({ maxLength: 320 }))),
    expires_in: Type.Optional(Type.Integer({ minimum: 1, maximum: maxTokenLifeS, description: "seconds" })),
  },
  { additionalProperties: false },
)
const Minted = Type.Object({ token: Type.String(), expires_at: Type.String() })
const Me = Type.Object({
  id: Type.String(),
  email: Nullable(Type.String()),
  full_name: Nullable(Type.String()),
  role: Type.Literal("user"),
})
type Route = { Params: Static<typeof AppParams> }

export function appUserRoutes(app: FastifyInstance, services: Services): void {
  app.post<Route & { Body: Static<typeof MintBody> }>(
    "/api/apps/:app/users/token",
    {
      config: { caller: "service", limit: "users" },
      schema: {
        summary: "A token for a user of the app",
        params: AppParams,
        body: MintBody,
        response: { 200: Minted, ...errorAnswers },
      },
    },
    async (request, reply): Promise<MintedUserToken> => {
      const caller = serviceOf(request)
      if (caller.appId !== request.params.app) throw notFound("app")
      const {
        email = null,
        expires_in: lifeS = defaultTokenLifeS,
        name = null,
        user_id: userId,
      } = request.body
      const { expiresAtMs, token } = await mintUserToken(services, caller, { userId, email, name }, lifeS)
      reply.header("cache-control", "no-store")
      return { token, expires_at: new Date(expiresAtMs).toISOString() }
    },
  )
  // Where the published SDK's auth.me() asks.
  app.get<Route>(
    "/api/apps/:app/entities/User/me",
    {
      config: { caller: "app_user" },
      schema: {
        summary: "The signed-in user of the app",
        params: AppParams,
        response: { 200: Me, ...errorAnswers },
      },
    },
    async (request, reply): Promise<AppUser> => {
      const { email, name, userId } = appUserOf(request)
      reply.header("cache-control", "no-store")
      return { id: userId, email, full_name: name, role: "user" }
    },
  )
}
