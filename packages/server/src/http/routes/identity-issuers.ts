/** Whose tokens an app takes as its users': CONTRACT section 6. */
import type { IdentityIssuer as IdentityIssuerAnswer } from "@grantry/sdk/wire"
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import type { Services } from "../../services.ts"
import type { IdentityIssuer } from "../../storage/stores/identity-issuers.ts"
import { addIdentityIssuer, removeIdentityIssuer } from "../../workspace/identity-issuers.ts"
import { appOf, memberOf, notFound } from "../caller-of.ts"
import { AppParams, errorAnswers, Nullable, page } from "../schemas.ts"

const Text = Type.String({ minLength: 1, maxLength: 2_048 })
const KeySet = Type.Object({ keys: Type.Array(Type.Record(Type.String(), Type.Unknown())) })
const AddBody = Type.Object(
  { issuer: Text, audience: Text, jwks_url: Type.Optional(Text), jwks: Type.Optional(KeySet) },
  { additionalProperties: false },
)
const Answer = Type.Object({
  id: Type.String(),
  issuer: Type.String(),
  audience: Type.String(),
  jwks_url: Nullable(Type.String()),
  jwks: Nullable(KeySet),
  created_at: Type.String(),
})
const List = Type.Object({ identity_issuers: Type.Array(Answer), next_cursor: Nullable(Type.String()) })
const OneParams = Type.Object({ app: Type.String(), issuerId: Type.String() })
const Deleted = Type.Object({ status: Type.Literal("deleted"), id: Type.String() })

const path = "/api/apps/:app/identity-issuers"
const member = { caller: "member" as const }
type Route = { Params: Static<typeof AppParams> }

export function identityIssuerRoutes(app: FastifyInstance, services: Services): void {
  app.get<Route>(
    path,
    {
      config: member,
      schema: {
        summary: "The issuers that the app trusts",
        params: AppParams,
        response: { 200: List, ...errorAnswers },
      },
    },
    async (request) => {
      const { id, workspaceId } = await appOf(services, memberOf(request), request.params.app)
      return page(
        "identity_issuers",
        (await services.storage.identityIssuers.list(workspaceId, id)).map(shape),
      )
    },
  )
  app.post<Route & { Body: Static<typeof AddBody> }>(
    path,
    {
      config: member,
      schema: {
        summary: "Trust an issuer's tokens",
        params: AppParams,
        body: AddBody,
        response: { 200: Answer, ...errorAnswers },
      },
    },
    async (request) => {
      const caller = memberOf(request)
      const found = await appOf(services, caller, request.params.app, "editor")
      return shape(await addIdentityIssuer(services, found, request.body, caller.actor))
    },
  )
  app.delete<{ Params: Static<typeof OneParams> }>(
    `${path}/:issuerId`,
    {
      config: member,
      schema: {
        summary: "Trust an issuer no longer",
        params: OneParams,
        response: { 200: Deleted, ...errorAnswers },
      },
    },
    async (request) => {
      const caller = memberOf(request)
      const found = await appOf(services, caller, request.params.app, "editor")
      const { issuerId } = request.params
      if (!(await removeIdentityIssuer(services, found, issuerId, caller.actor)))
        throw notFound("identity issuer")
      return { status: "deleted" as const, id: issuerId }
    },
  )
}

function shape(issuer: IdentityIssuer): IdentityIssuerAnswer {
  return {
    id: issuer.id,
    issuer: issuer.issuer,
    audience: issuer.audience,
    jwks_url: issuer.jwksUrl,
    jwks: issuer.jwksJson === null ? null : (JSON.parse(issuer.jwksJson) as IdentityIssuerAnswer["jwks"]),
    created_at: new Date(issuer.createdAt).toISOString(),
  }
}
