/** Who belongs to a workspace: CONTRACT section 6. */
import type { FastifyInstance, FastifyRequest } from "fastify"
import { type Static, Type } from "typebox"
import { type Actor, actorIn } from "../../members/people/actor.ts"
import { changeRole } from "../../members/people/change-role.ts"
import { isKnownMember } from "../../members/people/is-known-member.ts"
import { invite } from "../../members/people/invite.ts"
import { removePerson } from "../../members/people/remove-person.ts"
import { listMemberConnections } from "../../connections/list-connections.ts"
import type { Services } from "../../services.ts"
import type { WorkspacePerson } from "../../storage/stores/members.ts"
import { describeJob } from "../../workspace/off-boarding/describe-job.ts"
import { memberOf, notFound, requireWorkspace } from "../caller-of.ts"
import { cursorAt, PageQuery, pageAsked } from "../paging.ts"
import { AsJob, ConnectionList, DisconnectJobAnswer, errorAnswers, Nullable } from "../schemas.ts"

const Role = Type.Union([
  Type.Literal("owner"),
  Type.Literal("admin"),
  Type.Literal("editor"),
  Type.Literal("viewer"),
])
const Person = Type.Object({
  id: Type.String({ description: "mem_… of a member, inv_… of an invitation" }),
  email: Type.String(),
  name: Nullable(Type.String()),
  role: Role,
  status: Type.Union([Type.Literal("active"), Type.Literal("invited")]),
  second_factor: Nullable(
    Type.Boolean({ description: "a code is asked for at sign-in; null unless an owner or admin asks" }),
  ),
  expires_at: Nullable(Type.String({ description: "when the invitation ends; null for members" })),
})
const List = Type.Object({ members: Type.Array(Person), next_cursor: Nullable(Type.String()) })
const Invited = Type.Object({
  ...Person.properties,
  link: Type.String({ description: "shown once: hand it to whoever you invite" }),
})
const Deleted = Type.Object({
  status: Type.Literal("deleted"),
  id: Type.String(),
  disconnect_job: Nullable(DisconnectJobAnswer),
})
const DeleteQuery = Type.Object({ disconnect: AsJob })
const Params = Type.Object({ ws: Type.String() })
const PersonParams = Type.Object({ ws: Type.String(), memberId: Type.String() })
const InviteBody = Type.Object(
  {
    email: Type.String({
      maxLength: 254,
      pattern: '^[^\\s@"<>\\u0000-\\u001f]{1,64}@[^\\s@"<>\\u0000-\\u001f]{1,189}$',
    }),
    role: Role,
  },
  { additionalProperties: false },
)
const RoleBody = Type.Object({ role: Role }, { additionalProperties: false })

const member = { caller: "member" as const }
type PersonRoute = { Params: Static<typeof PersonParams> }

export function memberRoutes(app: FastifyInstance, services: Services): void {
  listRoute(app, services)
  app.post<{ Params: Static<typeof Params>; Body: Static<typeof InviteBody> }>(
    "/api/workspace/:ws/members",
    {
      config: member,
      schema: {
        summary: "Invite somebody; the link is shown once",
        params: Params,
        body: InviteBody,
        response: { 200: Invited, ...errorAnswers },
      },
    },
    async (request, reply) => {
      const input = { ...request.body, workspaceId: request.params.ws }
      const { invitation, secret } = await invite(services, actorOf(request, request.params.ws), input)
      reply.header("cache-control", "no-store")
      const link = `${services.config.publicUrl}/invite/${secret}`
      return { ...shape({ ...invitation, name: null, hasSecondFactor: false }, false), link }
    },
  )
  changeRoutes(app, services)
  connectionsRoute(app, services)
}

function listRoute(app: FastifyInstance, services: Services): void {
  app.get<{ Params: Static<typeof Params>; Querystring: Static<typeof PageQuery> }>(
    "/api/workspace/:ws/members",
    {
      config: member,
      schema: {
        summary: "Members and invitations, by address",
        params: Params,
        querystring: PageQuery,
        response: { 200: List, ...errorAnswers },
      },
    },
    async (request) => {
      const { role } = actorOf(request, request.params.ws)
      const maySeeFactors = role === "owner" || role === "admin"
      const { after, limit } = pageAsked(request.query, 2)
      const [emailKey = "", id = ""] = after ?? []
      const people = await services.storage.people.list(request.params.ws, {
        now: services.clock.now(),
        limit: limit + 1,
        ...(after && { after: { emailKey, id } }),
      })
      const last = people.length > limit ? people[limit - 1] : undefined
      return {
        members: people.slice(0, limit).map((person) => shape(person, maySeeFactors)),
        next_cursor: last ? cursorAt([last.email.toLowerCase(), last.id]) : null,
      }
    },
  )
}

function changeRoutes(app: FastifyInstance, services: Services): void {
  app.put<PersonRoute & { Body: Static<typeof RoleBody> }>(
    "/api/workspace/:ws/members/:memberId",
    {
      config: member,
      schema: {
        summary: "Change a member's role",
        params: PersonParams,
        body: RoleBody,
        response: { 200: Person, ...errorAnswers },
      },
    },
    async (request) => {
      const { memberId, ws } = request.params
      const { role } = request.body
      await changeRole(services, actorOf(request, ws), { workspaceId: ws, memberId, role })
      const changed = await services.storage.accounts.findMember(memberId)
      if (!changed) throw notFound("member")
      return shape({ ...changed, role, expiresAt: null, hasSecondFactor: false }, false)
    },
  )
  app.delete<PersonRoute & { Querystring: Static<typeof DeleteQuery> }>(
    "/api/workspace/:ws/members/:memberId",
    {
      config: member,
      schema: {
        summary: "Remove a member, leave the workspace, or withdraw an invitation",
        params: PersonParams,
        querystring: DeleteQuery,
        response: { 200: Deleted, ...errorAnswers },
      },
    },
    async (request) => {
      const { memberId, ws } = request.params
      const disconnect = request.query.disconnect === "true"
      const removal = { workspaceId: ws, id: memberId, disconnect }
      const job = await removePerson(services, actorOf(request, ws), removal)
      const disconnect_job = job && (await describeJob(services, job))
      return { status: "deleted" as const, id: memberId, disconnect_job }
    },
  )
}

/** Also of members who have left: what they connected works on. */
function connectionsRoute(app: FastifyInstance, services: Services): void {
  app.get<PersonRoute & { Querystring: Static<typeof PageQuery> }>(
    "/api/workspace/:ws/members/:memberId/connections",
    {
      config: member,
      schema: {
        summary: "The shared connections that a member consented to, also after they have left",
        params: PersonParams,
        querystring: PageQuery,
        response: { 200: ConnectionList, ...errorAnswers },
      },
    },
    async (request) => {
      const { memberId, ws } = request.params
      requireWorkspace(memberOf(request), ws)
      if (!(await isKnownMember(services, ws, memberId))) throw notFound("member")
      const { after, limit } = pageAsked(request.query, 1)
      const [last] = after ?? []
      const page = { limit: limit + 1, ...(last !== undefined && { after: last }) }
      const found = await listMemberConnections(services, ws, memberId, page)
      const connections = found.slice(0, limit)
      const next = found.length > limit ? connections.at(-1) : undefined
      return { connections, next_cursor: next ? cursorAt([next.id]) : null }
    },
  )
}

/** @throws NOT_FOUND when the credential does not open that workspace */
function actorOf(request: FastifyRequest, workspaceId: string): Actor {
  const actor = actorIn(memberOf(request), workspaceId)
  if (!actor) throw notFound("workspace")
  return actor
}

function shape(
  { email, expiresAt, hasSecondFactor, id, name, role }: WorkspacePerson,
  maySeeFactors: boolean,
): Static<typeof Person> {
  return {
    id,
    email,
    name,
    role,
    status: name === null ? "invited" : "active",
    second_factor: maySeeFactors && name !== null ? hasSecondFactor : null,
    expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
  }
}
