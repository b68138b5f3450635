/** Members' sign-in: better-auth's routes, those of them that are offered here. CONTRACT section 6. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { type Static, type TSchema, Type } from "typebox"
import { deleteAccount } from "../../members/delete-account.ts"
import { changePassword, endOtherSessions, signOut } from "../../members/end-sessions.ts"
import type { AuthAnswer } from "../../members/member-auth.ts"
import { signIn } from "../../members/sign-in.ts"
import { signUp } from "../../members/sign-up.ts"
import type { Services } from "../../services.ts"
import { isFromElsewhere } from "../browser-request.ts"
import { originRefused } from "../cookie-gate.ts"
import { errorAnswers, Name, Nullable } from "../schemas.ts"
import { recordForMember } from "../../members/sign-in.ts"
import { keepCookies, signedInId, signedInMember, visitorOf } from "../signed-in.ts"

const User = Type.Object({
  id: Type.String(),
  email: Type.String(),
  name: Type.String(),
  image: Nullable(Type.String()),
  emailVerified: Type.Boolean(),
  createdAt: Type.String(),
  updatedAt: Type.String(),
})
// What is not listed is not sent: the session's token stays in its cookie.
const Session = Type.Object({
  id: Type.String(),
  userId: Type.String(),
  expiresAt: Type.String(),
  createdAt: Type.String(),
  updatedAt: Type.String(),
  ipAddress: Type.Optional(Nullable(Type.String())),
  userAgent: Type.Optional(Nullable(Type.String())),
})
const NamedSession = Type.Object({
  ...Session.properties,
  token: Type.String({ description: "names the session for revoke-session; nobody can sign in with it" }),
})
export const Signed = Type.Object({ user: User })
/** Without a user: the second factor's code is asked for first. */
const SignedOrAsked = Type.Object({
  user: Type.Optional(User),
  twoFactorRedirect: Type.Optional(Type.Literal(true)),
  twoFactorMethods: Type.Optional(Type.Array(Type.String())),
})
const CurrentSession = Nullable(Type.Object({ session: Session, user: User }))
const Succeeded = Type.Object({ success: Type.Boolean() })
export const Done = Type.Object({ status: Type.Boolean() })

const Email = Type.String({ minLength: 3, maxLength: 254 })
export const Password = Type.String({ minLength: 1, maxLength: 128 })
const SignInBody = Type.Object({ email: Email, password: Password })
const SignUpBody = Type.Object({ email: Email, name: Name, password: Password })
const ChangeBody = Type.Object({ currentPassword: Password, newPassword: Password })
const RevokeBody = Type.Object({ token: Type.String({ minLength: 1, maxLength: 128 }) })
const NameBody = Type.Object({ name: Name })
const DeleteBody = Type.Object({
  confirm: Type.String({ maxLength: 254, description: "the account's e-mail address" }),
  password: Password,
})
const Deleting = Type.Object({
  status: Type.Boolean(),
  closure_secret: Nullable(
    Type.String({ description: "for GET /api/workspace/closures/{secret}: how the personal workspace ends" }),
  ),
})

const open = { caller: "public" as const }

export function schema(summary: string, answer: TSchema, body?: TSchema) {
  return { summary, ...(body && { body }), response: { 200: answer, ...errorAnswers } }
}

export function authRoutes(app: FastifyInstance, services: Services): void {
  entryRoutes(app, services)
  sessionRoutes(app, services)
  accountRoutes(app, services)
  deleteRoute(app, services)
}

function entryRoutes(app: FastifyInstance, services: Services): void {
  app.post<{ Body: Static<typeof SignUpBody> }>(
    "/api/auth/sign-up/email",
    {
      config: open,
      schema: schema("Become a member: where open, or with an invited address", Signed, SignUpBody),
    },
    async (request, reply) => {
      requireOwnPage(services, request)
      return relay(reply, await signUp(services, request.body, visitorOf(request)))
    },
  )
  app.post<{ Body: Static<typeof SignInBody> }>(
    "/api/auth/sign-in/email",
    {
      config: open,
      schema: schema("Sign in; the answer sets the session's cookie", SignedOrAsked, SignInBody),
    },
    async (request, reply) => {
      requireOwnPage(services, request)
      return relay(reply, await signIn(services, request.body, visitorOf(request)))
    },
  )
  app.post(
    "/api/auth/sign-out",
    { config: open, schema: schema("Sign out", Succeeded) },
    async (request, reply) => {
      const member = await signedInMember(services, request)
      return relay(reply, await signOut(services, member?.memberId, visitorOf(request)))
    },
  )
}

function sessionRoutes(app: FastifyInstance, services: Services): void {
  const ask = (request: FastifyRequest, path: string) =>
    services.memberAuth({ method: "GET", path, from: visitorOf(request) })
  const end = async (request: FastifyRequest, path: string, body?: unknown) => {
    const from = visitorOf(request)
    const member = await signedInMember(services, request)
    const answer = await services.memberAuth({ method: "POST", path, body, from })
    services.authenticator.forgetKeys()
    const event = { action: "member.end_sessions", outcome: "ok", target: body ? "one" : "all", from }
    if (member) await recordForMember(services, member.memberId, event)
    return answer
  }
  app.get(
    "/api/auth/get-session",
    {
      config: open,
      exposeHeadRoute: false,
      schema: schema("Who is signed in; null when nobody is", CurrentSession),
    },
    async (request, reply) => relay(reply, await ask(request, "/get-session")),
  )
  app.get(
    "/api/auth/list-sessions",
    {
      config: open,
      exposeHeadRoute: false,
      schema: schema("Where you are signed in", Type.Array(NamedSession)),
    },
    async (request, reply) => relay(reply, await ask(request, "/list-sessions")),
  )
  app.post<{ Body: Static<typeof RevokeBody> }>(
    "/api/auth/revoke-session",
    { config: open, schema: schema("End one of your sessions", Done, RevokeBody) },
    async (request, reply) => relay(reply, await end(request, "/revoke-session", request.body)),
  )
  app.post(
    "/api/auth/revoke-sessions",
    { config: open, schema: schema("End all of your sessions", Done) },
    async (request, reply) => relay(reply, await end(request, "/revoke-sessions")),
  )
  app.post(
    "/api/auth/revoke-other-sessions",
    { config: open, schema: schema("End all of your sessions but this one", Done) },
    async (request) => {
      await endOtherSessions(services, await signedInId(services, request), visitorOf(request))
      return { status: true }
    },
  )
}

function accountRoutes(app: FastifyInstance, services: Services): void {
  app.post<{ Body: Static<typeof ChangeBody> }>(
    "/api/auth/change-password",
    {
      config: open,
      schema: schema("Change your password; ends every other sign-in of yours", Signed, ChangeBody),
    },
    async (request, reply) => {
      const memberId = await signedInId(services, request)
      const { currentPassword, newPassword } = request.body
      const change = { currentPassword, newPassword }
      return relay(reply, await changePassword(services, memberId, change, visitorOf(request)))
    },
  )
  app.post<{ Body: Static<typeof NameBody> }>(
    "/api/auth/update-user",
    { config: open, schema: schema("Change your name", Done, NameBody) },
    async (request, reply) => {
      const from = visitorOf(request)
      const member = await signedInMember(services, request)
      const body = { name: request.body.name }
      const answer = await services.memberAuth({ method: "POST", path: "/update-user", body, from })
      const event = { action: "member.rename", outcome: "ok", from }
      if (member) await recordForMember(services, member.memberId, event)
      return relay(reply, answer)
    },
  )
}

function deleteRoute(app: FastifyInstance, services: Services): void {
  app.post<{ Body: Static<typeof DeleteBody> }>(
    "/api/auth/delete-user",
    {
      config: open,
      schema: {
        summary: "Delete your account and your personal workspace; you leave every other one",
        body: DeleteBody,
        response: { 202: Deleting, ...errorAnswers },
      },
    },
    async (request, reply) => {
      const memberId = await signedInId(services, request)
      const started = await deleteAccount(services, { memberId, ...request.body }, visitorOf(request))
      reply.code(202).header("cache-control", "no-store")
      return { status: true, closure_secret: started?.secret ?? null }
    },
  )
}

/** Nobody is signed in yet, so that there is no cookie to go by: another site's form would sign people in as somebody else. */
export function requireOwnPage({ config }: Services, request: FastifyRequest): void {
  if (isFromElsewhere(request, config.publicUrl)) throw originRefused()
}

export function relay(reply: FastifyReply, answer: AuthAnswer): FastifyReply {
  return keepCookies(reply, answer).send(JSON.parse(answer.text))
}
