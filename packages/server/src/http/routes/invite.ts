/** The page behind the link of an invitation. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import type { GrantryError } from "../../errors.ts"
import {
  acceptInvitation,
  isInvitee,
  openInvitation,
  type OpenInvitation,
} from "../../members/people/accept-invitation.ts"
import { signUp } from "../../members/sign-up.ts"
import type { Services } from "../../services.ts"
import type { Member } from "../../storage/stores/accounts.ts"
import { asPage } from "../as-page.ts"
import { field, type OwnForms } from "../own-form.ts"
import { invitePage, type InviteStep, joinedPage } from "../pages/invite-page.ts"
import { type Page, sendPage } from "../pages/layout.ts"
import { problemPage } from "../pages/problem-page.ts"
import { isName } from "../schemas.ts"
import { keepCookies, signedInMember, visitorOf } from "../signed-in.ts"
import { redirectToSignIn, signOutPurpose } from "./sign-in.ts"

type Route = { Params: { secret: string } }

interface Exchange {
  readonly services: Services
  readonly forms: OwnForms
  readonly request: FastifyRequest<Route>
  readonly reply: FastifyReply
}

const page = { config: { caller: "page" as const }, schema: { hide: true } }

export function inviteRoutes(app: FastifyInstance, services: Services, forms: OwnForms): void {
  app.get<Route>("/invite/:secret", page, (request, reply) =>
    asPage(request, reply, async () => {
      const opened = await openInvitation(services, request.params.secret)
      return sendPage(reply, await shownPage({ services, forms, request, reply }, opened))
    }),
  )
  app.post<Route>("/invite/:secret", page, (request, reply) =>
    asPage(request, reply, async () => {
      forms.require(request, purpose(request))
      return join({ services, forms, request, reply })
    }),
  )
}

async function join(exchange: Exchange): Promise<FastifyReply> {
  const { reply, request, services } = exchange
  const { secret } = request.params
  const opened = await openInvitation(services, secret)
  const member = await memberHere(exchange)
  if (member) {
    await acceptInvitation(services, secret, member.id)
    return sendPage(reply, joinedPage(opened.workspace.name))
  }
  if (await services.storage.accounts.findMemberByEmail(opened.invitation.email))
    return redirectToSignIn(reply, `/invite/${secret}`)
  return signUpAndJoin(exchange, opened)
}

async function signUpAndJoin(exchange: Exchange, opened: OpenInvitation): Promise<FastifyReply> {
  const { reply, request, services } = exchange
  const name = field(request, "name").trim()
  const { email } = opened.invitation
  if (!isName(name)) {
    const problem = { text: "Enter a name of 1 to 100 characters.", status: 400 }
    return sendPage(reply, await shownPage(exchange, opened, problem))
  }
  return asPage(
    request,
    reply,
    async () => {
      const person = { email, name, password: field(request, "password") }
      keepCookies(reply, await signUp(services, person, visitorOf(request)))
      const member = await services.storage.accounts.findMemberByEmail(email)
      if (member) await acceptInvitation(services, request.params.secret, member.id)
      return sendPage(reply, joinedPage(opened.workspace.name))
    },
    (error) => signUpAgain(exchange, opened, error),
  )
}

function signUpAgain(exchange: Exchange, opened: OpenInvitation, error: GrantryError): Page {
  if (!["INVALID_REQUEST", "RATE_LIMITED"].includes(error.code))
    return problemPage(error, exchange.request.id)
  const step = { kind: "sign_up" as const, name: field(exchange.request, "name") }
  return invitePage(described(exchange, opened, { text: error.message, status: error.status }), step)
}

async function shownPage(
  exchange: Exchange,
  opened: OpenInvitation,
  problem?: { readonly text: string; readonly status: number },
): Promise<Page> {
  return invitePage(described(exchange, opened, problem), await stepOf(exchange, opened))
}

function described(
  { forms, reply, request, services }: Exchange,
  { invitation, invitedBy, workspace }: OpenInvitation,
  problem?: { readonly text: string; readonly status: number },
) {
  return {
    secret: request.params.secret,
    csrf: forms.token(request, reply, purpose(request)),
    workspaceName: workspace.name,
    role: invitation.role,
    email: invitation.email,
    invitedBy: invitedBy?.email ?? "a former member",
    provider: services.config.openId?.name ?? null,
    ...(problem && { problem }),
  }
}

async function stepOf(exchange: Exchange, { invitation }: OpenInvitation): Promise<InviteStep> {
  const { forms, reply, request, services } = exchange
  const member = await memberHere(exchange)
  if (member && isInvitee(invitation, member)) return { kind: "join" }
  if (member)
    return {
      kind: "other_member",
      email: member.email,
      signOutCsrf: forms.token(request, reply, signOutPurpose),
    }
  const known = await services.storage.accounts.findMemberByEmail(invitation.email)
  return known ? { kind: "sign_in" } : { kind: "sign_up", name: field(request, "name") }
}

async function memberHere({ request, services }: Exchange): Promise<Member | undefined> {
  const caller = await signedInMember(services, request)
  return caller && services.storage.accounts.findMember(caller.memberId)
}

function purpose(request: FastifyRequest<Route>): string {
  return `invite ${request.params.secret}`
}
