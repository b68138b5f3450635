/** Deleting a workspace, and how it goes on. */
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import { actorIn } from "../../members/people/actor.ts"
import { closeWorkspace } from "../../workspace/off-boarding/close-workspace.ts"
import { describeClosure } from "../../workspace/off-boarding/describe-closure.ts"
import { sha256Text } from "../../random.ts"
import type { Services } from "../../services.ts"
import type { WorkspaceClosure } from "../../storage/stores/workspace-closures.ts"
import { memberOf, notFound } from "../caller-of.ts"
import { EndedConnections, errorAnswers, Nullable, RevocationSums } from "../schemas.ts"

const answer = {
  workspace_id: Type.String(),
  status: Type.Union([Type.Literal("closing"), Type.Literal("shredded")]),
  forced: Type.Boolean(),
  asked_at: Type.String(),
  give_up_at: Type.String({ description: "what waits for its provider until then is given up" }),
  shredded_at: Nullable(Type.String()),
  connections: EndedConnections,
  revocations: RevocationSums,
}
const Answer = Type.Object(answer)
const Started = Type.Object({
  ...answer,
  secret: Type.String({ description: "for GET /api/workspace/closures/{secret}; shown once" }),
})
const Params = Type.Object({ ws: Type.String() })
const SecretParams = Type.Object({ secret: Type.String({ maxLength: 128 }) })
const DeleteQuery = Type.Object({
  confirm: Type.String({ maxLength: 512, description: "the workspace's name" }),
  force: Type.Optional(
    Type.Union([Type.Literal("true"), Type.Literal("false")], {
      description: "true: shred at once, whatever the providers still have to be told",
    }),
  ),
})

type SecretRoute = { Params: Static<typeof SecretParams> }
// Nobody's credential opens the workspace any more: whoever ended it has the secret.
const holder = { caller: "public" as const }

export function workspaceClosureRoutes(app: FastifyInstance, services: Services): void {
  app.delete<{ Params: Static<typeof Params>; Querystring: Static<typeof DeleteQuery> }>(
    "/api/workspace/workspaces/:ws",
    {
      config: { caller: "member" as const },
      schema: {
        summary: "Disconnect everything in a workspace, revoke it, and destroy the workspace with its keys",
        params: Params,
        querystring: DeleteQuery,
        response: { 202: Started, ...errorAnswers },
      },
    },
    async (request, reply) => {
      const { ws: workspaceId } = request.params
      const actor = actorIn(memberOf(request), workspaceId)
      if (!actor) throw notFound("workspace")
      const { confirm, force } = request.query
      const asked = { workspaceId, confirm, isForced: force === "true" }
      const { closure, secret } = await closeWorkspace(services, actor, asked)
      reply.header("cache-control", "no-store")
      return reply.code(202).send({ ...(await describeClosure(services, closure)), secret })
    },
  )
  app.get<SecretRoute>(
    "/api/workspace/closures/:secret",
    {
      config: holder,
      schema: {
        summary: "How far the end of a workspace has come, for whoever ended it",
        params: SecretParams,
        response: { 200: Answer, ...errorAnswers },
      },
    },
    async (request) => describeClosure(services, await closureOf(services, request.params.secret)),
  )
  app.post<SecretRoute>(
    "/api/workspace/closures/:secret/force",
    {
      config: holder,
      schema: {
        summary: "Wait for no provider any more: shred at once",
        params: SecretParams,
        response: { 200: Answer, ...errorAnswers },
      },
    },
    async (request) => {
      const closure = await closureOf(services, request.params.secret)
      await services.storage.closures.force(closure.id)
      return describeClosure(services, await closureOf(services, request.params.secret))
    },
  )
}

async function closureOf({ storage }: Services, secret: string): Promise<WorkspaceClosure> {
  const closure = await storage.closures.findBySecret(sha256Text(secret))
  if (!closure) throw notFound("workspace")
  return closure
}
