/** Apps and their service keys: CONTRACT section 6. */
import type { App as AppAnswer } from "@grantry/sdk/wire"
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import { newKey } from "../../callers/keys.ts"
import { newId } from "../../random.ts"
import type { Services } from "../../services.ts"
import type { App, NewApp } from "../../storage/stores/apps.ts"
import { everything } from "../../workspace/off-boarding/covers.ts"
import { describeJob } from "../../workspace/off-boarding/describe-job.ts"
import { startJob } from "../../workspace/off-boarding/start-job.ts"
import { removeApp } from "../../workspace/remove-app.ts"
import { updateApp } from "../../workspace/update-app.ts"
import { appOf, firstWorkspace, memberOf, notFound, requireWorkspace } from "../caller-of.ts"
import {
  AppParams,
  AsJob,
  CreatedKey,
  DisconnectJobAnswer,
  errorAnswers,
  keySummary,
  KeySummary,
  Name,
  Nullable,
  page,
} from "../schemas.ts"

const ConnectCompletion = Type.Union([Type.Literal("confirm"), Type.Literal("verified")])
const Answer = Type.Object({
  id: Type.String(),
  name: Type.String(),
  user_description: Nullable(Type.String()),
  is_managed_source_code: Type.Boolean(),
  organization_id: Type.String(),
  created_at: Type.String(),
  functions_upstream: Nullable(Type.String()),
  backend_functions_enabled: Type.Boolean(),
  connect_completion: ConnectCompletion,
})
const CreateBody = Type.Object(
  { name: Name, organization_id: Type.Optional(Nullable(Type.String())) },
  { additionalProperties: true },
)
const UpdateBody = Type.Object(
  {
    name: Type.Optional(Name),
    functions_upstream: Type.Optional(Nullable(Type.String())),
    backend_functions_enabled: Type.Optional(Type.Boolean()),
    connect_completion: Type.Optional(ConnectCompletion),
  },
  { additionalProperties: false },
)
const KeyBody = Type.Object({ name: Name }, { additionalProperties: false })
const KeyParams = Type.Object({ app: Type.String(), keyId: Type.String() })
const KeyList = Type.Object({ service_keys: Type.Array(KeySummary), next_cursor: Nullable(Type.String()) })
const Deleted = Type.Object({ status: Type.Literal("deleted"), id: Type.String() })

const Deleting = Type.Object({
  status: Type.Literal("deleting"),
  id: Type.String(),
  disconnect_job: DisconnectJobAnswer,
})
const DeleteQuery = Type.Object({ disconnect: AsJob })

const member = { caller: "member" as const }
type AppRoute = { Params: Static<typeof AppParams> }

export function appRoutes(app: FastifyInstance, services: Services): void {
  app.get(
    "/api/apps",
    {
      config: member,
      schema: { summary: "Your apps", response: { 200: Type.Array(Answer), ...errorAnswers } },
    },
    async (request) => {
      const workspaceIds = memberOf(request).workspaces.map(({ workspaceId }) => workspaceId)
      return (await services.storage.apps.list(workspaceIds)).map(shape)
    },
  )
  app.post<{ Body: Static<typeof CreateBody> }>(
    "/api/apps",
    {
      config: member,
      schema: { summary: "Create an app", body: CreateBody, response: { 200: Answer, ...errorAnswers } },
    },
    async (request) => {
      const caller = memberOf(request)
      const workspaceId = request.body.organization_id ?? firstWorkspace(caller)
      requireWorkspace(caller, workspaceId, "editor")
      const created: NewApp = {
        id: newId("app"),
        workspaceId,
        name: request.body.name,
        createdBy: caller.memberId,
        createdAt: services.clock.now(),
      }
      await services.storage.apps.insert(created)
      await services.audit.record({
        workspaceId,
        appId: created.id,
        actor: caller.actor,
        action: "app.create",
        target: created.id,
        outcome: "ok",
      })
      return shape({
        ...created,
        functionsUpstream: null,
        backendFunctionsEnabled: true,
        connectCompletion: "confirm",
      })
    },
  )
  oneAppRoutes(app, services)
  serviceKeyRoutes(app, services)
}

function oneAppRoutes(app: FastifyInstance, services: Services): void {
  const schema = { params: AppParams, response: { 200: Answer, ...errorAnswers } }
  app.get<AppRoute>(
    "/api/apps/:app",
    { config: member, schema: { summary: "One app", ...schema } },
    async (request) => shape(await appOf(services, memberOf(request), request.params.app)),
  )
  app.put<AppRoute & { Body: Static<typeof UpdateBody> }>(
    "/api/apps/:app",
    { config: member, schema: { summary: "Change an app", body: UpdateBody, ...schema } },
    async (request) => {
      const caller = memberOf(request)
      const found = await appOf(services, caller, request.params.app, "editor")
      return shape(await updateApp(services, found, request.body, caller.actor))
    },
  )
  app.delete<AppRoute & { Querystring: Static<typeof DeleteQuery> }>(
    "/api/apps/:app",
    {
      config: member,
      schema: {
        summary: "Disconnect everything and delete the app; as a job, if you ask for it",
        params: AppParams,
        querystring: DeleteQuery,
        response: { 200: Deleted, 202: Deleting, ...errorAnswers },
      },
    },
    async (request, reply) => {
      const caller = memberOf(request)
      const found = await appOf(services, caller, request.params.app, "admin")
      const { actor } = caller
      if (request.query.disconnect === "true") {
        const covers = { ...everything, appId: found.id }
        const asked = { workspaceId: found.workspaceId, covers, endsWith: "app" as const, actor }
        const job = await describeJob(services, await startJob(services, asked))
        return reply.code(202).send({ status: "deleting", id: found.id, disconnect_job: job })
      }
      await removeApp(services, found, actor)
      return { status: "deleted" as const, id: found.id }
    },
  )
}

function serviceKeyRoutes(app: FastifyInstance, services: Services): void {
  app.get<AppRoute>(
    "/api/apps/:app/service-keys",
    {
      config: member,
      schema: {
        summary: "The app's service keys",
        params: AppParams,
        response: { 200: KeyList, ...errorAnswers },
      },
    },
    async (request) => {
      const found = await appOf(services, memberOf(request), request.params.app)
      return page(
        "service_keys",
        (await services.storage.keys.listServiceKeys(found.workspaceId, found.id)).map(keySummary),
      )
    },
  )
  app.post<AppRoute & { Body: Static<typeof KeyBody> }>(
    "/api/apps/:app/service-keys",
    {
      config: member,
      schema: {
        summary: "Create a service key; shown once",
        params: AppParams,
        body: KeyBody,
        response: { 200: CreatedKey, ...errorAnswers },
      },
    },
    async (request, reply) => {
      const caller = memberOf(request)
      const found = await appOf(services, caller, request.params.app, "editor")
      const { hash, prefix, secret } = newKey("gsk_")
      const key = {
        id: newId("sk"),
        name: request.body.name,
        prefix,
        createdAt: services.clock.now(),
        lastUsedAt: null,
      }
      await services.storage.keys.insertServiceKey(
        { ...key, workspaceId: found.workspaceId, appId: found.id },
        hash,
      )
      await services.audit.record({
        workspaceId: found.workspaceId,
        appId: found.id,
        actor: caller.actor,
        action: "service_key.create",
        target: key.id,
        outcome: "ok",
      })
      reply.header("cache-control", "no-store")
      return { id: key.id, name: key.name, key: secret }
    },
  )
  app.delete<{ Params: Static<typeof KeyParams> }>(
    "/api/apps/:app/service-keys/:keyId",
    {
      config: member,
      schema: {
        summary: "Revoke a service key",
        params: KeyParams,
        response: { 200: Deleted, ...errorAnswers },
      },
    },
    async (request) => {
      const caller = memberOf(request)
      const found = await appOf(services, caller, request.params.app, "editor")
      const { keyId } = request.params
      if (!(await services.storage.keys.deleteServiceKey(found.workspaceId, found.id, keyId)))
        throw notFound("service key")
      services.authenticator.forgetKeys()
      await services.audit.record({
        workspaceId: found.workspaceId,
        appId: found.id,
        actor: caller.actor,
        action: "service_key.revoke",
        target: keyId,
        outcome: "ok",
      })
      return { status: "deleted" as const, id: keyId }
    },
  )
}

function shape(app: App): AppAnswer {
  return {
    id: app.id,
    name: app.name,
    user_description: null,
    is_managed_source_code: false,
    organization_id: app.workspaceId,
    created_at: new Date(app.createdAt).toISOString(),
    functions_upstream: app.functionsUpstream,
    backend_functions_enabled: app.backendFunctionsEnabled,
    connect_completion: app.connectCompletion,
  }
}
