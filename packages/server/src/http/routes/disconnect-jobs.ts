/** Disconnecting everything of a workspace, an app, a type, a connector, a user or a member, as a job. */
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import { cancelJob } from "../../workspace/off-boarding/cancel-job.ts"
import { describeJob } from "../../workspace/off-boarding/describe-job.ts"
import { startConfirmedJob } from "../../workspace/off-boarding/start-job.ts"
import { GrantryError } from "../../errors.ts"
import type { Services } from "../../services.ts"
import type { DisconnectJob } from "../../storage/stores/disconnect-jobs.ts"
import { memberOf, notFound, requireWorkspace } from "../caller-of.ts"
import { cursorAt, PageQuery, pageAsked } from "../paging.ts"
import { DisconnectJobAnswer, errorAnswers, Nullable } from "../schemas.ts"

const id = Type.Optional(Type.String({ minLength: 1, maxLength: 128 }))
const StartBody = Type.Object(
  {
    confirm: Type.String({ maxLength: 512, description: "the name of what is disconnected" }),
    app_id: id,
    integration_type: id,
    connector_id: id,
    user_id: Type.Optional(
      Type.String({ minLength: 1, maxLength: 512, description: "of the app's user; together with app_id" }),
    ),
    connected_by: Type.Optional(
      Type.String({ minLength: 1, maxLength: 128, description: "a member's id: what they consented to" }),
    ),
  },
  { additionalProperties: false },
)
const List = Type.Object({
  disconnect_jobs: Type.Array(DisconnectJobAnswer),
  next_cursor: Nullable(Type.String()),
})
const Params = Type.Object({ ws: Type.String() })
const OneParams = Type.Object({ ws: Type.String(), jobId: Type.String() })

const member = { caller: "member" as const }
type OneRoute = { Params: Static<typeof OneParams> }

export function disconnectJobRoutes(app: FastifyInstance, services: Services): void {
  startRoute(app, services)
  listRoute(app, services)
  app.get<OneRoute>(
    "/api/workspace/:ws/disconnect-jobs/:jobId",
    {
      config: member,
      schema: {
        summary: "How far a job has come, and what the providers have said",
        params: OneParams,
        response: { 200: DisconnectJobAnswer, ...errorAnswers },
      },
    },
    async (request) => {
      requireWorkspace(memberOf(request), request.params.ws)
      return describeJob(services, await jobOf(services, request.params))
    },
  )
  app.post<OneRoute>(
    "/api/workspace/:ws/disconnect-jobs/:jobId/cancel",
    {
      config: member,
      schema: {
        summary: "Leave what is not disconnected yet as it is",
        params: OneParams,
        response: { 200: DisconnectJobAnswer, ...errorAnswers },
      },
    },
    async (request) => {
      const caller = memberOf(request)
      requireWorkspace(caller, request.params.ws, "admin")
      const job = await jobOf(services, request.params)
      return describeJob(services, await cancelJob(services, job, caller.actor))
    },
  )
}

function startRoute(app: FastifyInstance, services: Services): void {
  app.post<{ Params: Static<typeof Params>; Body: Static<typeof StartBody> }>(
    "/api/workspace/:ws/disconnect-jobs",
    {
      config: member,
      schema: {
        summary: "Disconnect everything, or everything of an app, a type, a connector, a user or a member",
        params: Params,
        body: StartBody,
        response: { 202: DisconnectJobAnswer, ...errorAnswers },
      },
    },
    async (request, reply) => {
      const caller = memberOf(request)
      const { ws: workspaceId } = request.params
      requireWorkspace(caller, workspaceId, "admin")
      const asked = {
        workspaceId,
        covers: coversOf(request.body),
        endsWith: "nothing",
        actor: caller.actor,
      } as const
      const job = await startConfirmedJob(services, asked, request.body.confirm)
      return reply.code(202).send(await describeJob(services, job))
    },
  )
}

function listRoute(app: FastifyInstance, services: Services): void {
  app.get<{ Params: Static<typeof Params>; Querystring: Static<typeof PageQuery> }>(
    "/api/workspace/:ws/disconnect-jobs",
    {
      config: member,
      schema: {
        summary: "The workspace's jobs, newest first",
        params: Params,
        querystring: PageQuery,
        response: { 200: List, ...errorAnswers },
      },
    },
    async (request) => {
      const { ws } = request.params
      requireWorkspace(memberOf(request), ws)
      const { after, limit } = pageAsked(request.query, 2)
      const [askedAt = "", afterId = ""] = after ?? []
      const jobs = await services.storage.disconnectJobs.list(ws, {
        limit: limit + 1,
        ...(after && { after: { askedAt: Number(askedAt), id: afterId } }),
      })
      const shown = jobs.slice(0, limit)
      const last = jobs.length > limit ? shown.at(-1) : undefined
      return {
        disconnect_jobs: await Promise.all(shown.map((job) => describeJob(services, job))),
        next_cursor: last ? cursorAt([String(last.askedAt), last.id]) : null,
      }
    },
  )
}

function coversOf(body: Static<typeof StartBody>) {
  if (body.user_id !== undefined && body.app_id === undefined) {
    const message = "body.app_id is missing: a user belongs to an app, and user_id names one of its users."
    throw new GrantryError("INVALID_REQUEST", 422, message)
  }
  return {
    appId: body.app_id ?? null,
    type: body.integration_type ?? null,
    connectorId: body.connector_id ?? null,
    userId: body.user_id ?? null,
    connectedBy: body.connected_by ?? null,
  }
}

async function jobOf({ storage }: Services, { jobId, ws }: Static<typeof OneParams>): Promise<DisconnectJob> {
  const job = await storage.disconnectJobs.find(ws, jobId)
  if (!job) throw notFound("job")
  return job
}
