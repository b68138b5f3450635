/** Workspaces and their API keys: CONTRACT section 6. */
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import { newKey } from "../../callers/keys.ts"
import { newId } from "../../random.ts"
import type { Services } from "../../services.ts"
import type { Role, Workspace } from "../../storage/stores/accounts.ts"
import { memberOf, notFound, requireWorkspace } from "../caller-of.ts"
import { CreatedKey, errorAnswers, keySummary, KeySummary, Name, Nullable, page } from "../schemas.ts"

const Answer = Type.Object({
  id: Type.String(),
  name: Type.String(),
  user_role: Type.Union([
    Type.Literal("owner"),
    Type.Literal("admin"),
    Type.Literal("editor"),
    Type.Literal("viewer"),
  ]),
  subscription_tier: Type.String(),
  is_enterprise: Type.Boolean(),
})
const List = Type.Object({ workspaces: Type.Array(Answer) })
const Params = Type.Object({ ws: Type.String() })
const KeyParams = Type.Object({ ws: Type.String(), keyId: Type.String() })
const NameBody = Type.Object({ name: Name }, { additionalProperties: false })
const KeyList = Type.Object({ api_keys: Type.Array(KeySummary), next_cursor: Nullable(Type.String()) })
const Deleted = Type.Object({ status: Type.Literal("deleted"), id: Type.String() })

const member = { caller: "member" as const }
type WorkspaceRoute = { Params: Static<typeof Params> }

export function workspaceRoutes(app: FastifyInstance, services: Services): void {
  app.get(
    "/api/workspace/workspaces",
    {
      config: member,
      schema: {
        summary: "Your workspaces, the personal one first",
        response: { 200: List, ...errorAnswers },
      },
    },
    async (request) => ({
      workspaces: (await services.storage.accounts.listWorkspaces(memberOf(request).memberId)).map(shape),
    }),
  )
  app.post<{ Body: Static<typeof NameBody> }>(
    "/api/workspace/workspaces",
    {
      config: member,
      schema: {
        summary: "Create a second workspace",
        body: NameBody,
        response: { 200: Answer, ...errorAnswers },
      },
    },
    async (request) => {
      const { actor, memberId } = memberOf(request)
      const workspace = {
        id: newId("ws"),
        name: request.body.name,
        plan: "free",
        personalOf: null,
        createdAt: services.clock.now(),
      }
      await services.storage.transaction(async (stores) => {
        await stores.accounts.insertWorkspace(workspace)
        await stores.accounts.insertMembership({ workspaceId: workspace.id, memberId, role: "owner" })
      })
      await services.audit.record({
        workspaceId: workspace.id,
        appId: null,
        actor,
        action: "workspace.create",
        target: workspace.id,
        outcome: "ok",
      })
      // A sign-in opens it from now on.
      services.authenticator.forgetKeys()
      return shape({ ...workspace, role: "owner" })
    },
  )
  apiKeyRoutes(app, services)
}

function apiKeyRoutes(app: FastifyInstance, services: Services): void {
  app.get<WorkspaceRoute>(
    "/api/workspace/:ws/api-keys",
    {
      config: member,
      schema: {
        summary: "The workspace's API keys",
        params: Params,
        response: { 200: KeyList, ...errorAnswers },
      },
    },
    async (request) => {
      requireWorkspace(memberOf(request), request.params.ws)
      return page("api_keys", (await services.storage.keys.listApiKeys(request.params.ws)).map(keySummary))
    },
  )
  app.post<WorkspaceRoute & { Body: Static<typeof NameBody> }>(
    "/api/workspace/:ws/api-keys",
    {
      config: member,
      schema: {
        summary: "Create an API key that acts as you; shown once",
        params: Params,
        body: NameBody,
        response: { 200: CreatedKey, ...errorAnswers },
      },
    },
    async (request, reply) => {
      const caller = memberOf(request)
      const workspaceId = await ownWorkspace(services, caller.memberId, request.params.ws)
      const { hash, prefix, secret } = newKey("b44k_")
      const key = {
        id: newId("key"),
        name: request.body.name,
        prefix,
        createdAt: services.clock.now(),
        lastUsedAt: null,
      }
      await services.storage.keys.insertApiKey({ ...key, workspaceId, memberId: caller.memberId }, hash)
      await services.audit.record({
        workspaceId,
        appId: null,
        actor: caller.actor,
        action: "api_key.create",
        target: key.id,
        outcome: "ok",
      })
      reply.header("cache-control", "no-store")
      return { id: key.id, name: key.name, key: secret }
    },
  )
  app.delete<{ Params: Static<typeof KeyParams> }>(
    "/api/workspace/:ws/api-keys/:keyId",
    {
      config: member,
      schema: {
        summary: "Revoke an API key",
        params: KeyParams,
        response: { 200: Deleted, ...errorAnswers },
      },
    },
    async (request) => {
      const caller = memberOf(request)
      const { keyId, ws } = request.params
      requireWorkspace(caller, ws)
      const key = (await services.storage.keys.listApiKeys(ws)).find(({ id }) => id === keyId)
      if (!key) throw notFound("API key")
      if (key.memberId !== caller.memberId) requireWorkspace(caller, ws, "admin")
      if (!(await services.storage.keys.deleteApiKey(ws, keyId))) throw notFound("API key")
      services.authenticator.forgetKeys()
      await services.audit.record({
        workspaceId: ws,
        appId: null,
        actor: caller.actor,
        action: "api_key.revoke",
        target: keyId,
        outcome: "ok",
      })
      return { status: "deleted" as const, id: keyId }
    },
  )
}

/** A key is bound to one workspace, so the first key of a new one is made with a key of another. */
async function ownWorkspace(services: Services, memberId: string, workspaceId: string): Promise<string> {
  if (!(await services.storage.accounts.findMembership(workspaceId, memberId))) throw notFound("workspace")
  return workspaceId
}

function shape(workspace: Workspace & { readonly role: Role }) {
  return {
    id: workspace.id,
    name: workspace.name,
    user_role: workspace.role,
    subscription_tier: workspace.plan,
    is_enterprise: workspace.plan === "enterprise",
  }
}
