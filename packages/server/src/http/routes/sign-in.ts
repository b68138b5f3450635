/** The pages on which members sign in and out. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import type { GrantryError } from "../../errors.ts"
import { signOut } from "../../members/end-sessions.ts"
import { needsCode, signIn } from "../../members/sign-in.ts"
import type { Services } from "../../services.ts"
import { asPage } from "../as-page.ts"
import { localPath } from "../local-path.ts"
import { field, type OwnForms } from "../own-form.ts"
import { problemPage } from "../pages/problem-page.ts"
import { type Page, sendPage } from "../pages/layout.ts"
import { signedInPage, type SignInForm, signInPage } from "../pages/sign-in-page.ts"
import { keepCookies, signedInMember, visitorOf } from "../signed-in.ts"

const page = { config: { caller: "page" as const }, schema: { hide: true } }
export const signInHome = "/sign-in"

export const signOutPurpose = "sign-out"
const signInPurpose = "sign-in"

export function signInRoutes(app: FastifyInstance, services: Services, forms: OwnForms): void {
  app.get<{ Querystring: Record<string, unknown> }>("/sign-in", page, (request, reply) =>
    asPage(request, reply, () => showSignIn(services, forms, request, reply)),
  )
  app.post("/sign-in", page, (request, reply) => {
    const showAgain = (error: GrantryError) => signInAgain({ services, forms, request, reply }, error)
    return asPage(request, reply, () => receiveSignIn(services, forms, request, reply), showAgain)
  })
  app.post("/sign-out", page, (request, reply) =>
    asPage(request, reply, async () => {
      forms.require(request, signOutPurpose)
      const member = await signedInMember(services, request)
      keepCookies(reply, await signOut(services, member?.memberId, visitorOf(request)))
      return reply.redirect(localPath(field(request, "next")) ?? signInHome, 303)
    }),
  )
}

/** A page that needs a member leads here first, and the person comes back. */
export function redirectToSignIn(reply: FastifyReply, next: string): FastifyReply {
  return reply.header("cache-control", "no-store").redirect(`/sign-in?next=${encodeURIComponent(next)}`, 303)
}

/** Where the second step of a sign-in is. */
export function codePath(next: string): string {
  return `/sign-in/code?next=${encodeURIComponent(next)}`
}

async function showSignIn(
  services: Services,
  forms: OwnForms,
  request: FastifyRequest<{ Querystring: Record<string, unknown> }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const next = localPath(request.query["next"])
  const caller = await signedInMember(services, request)
  const member = caller && (await services.storage.accounts.findMember(caller.memberId))
  if (!member)
    return sendPage(reply, signInForm({ services, forms, request, reply }, { next: next ?? signInHome }))
  if (next !== null && next !== signInHome)
    return reply.header("cache-control", "no-store").redirect(next, 303)
  return sendPage(reply, signedInPage(member, forms.token(request, reply, signOutPurpose)))
}

async function receiveSignIn(
  services: Services,
  forms: OwnForms,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  forms.require(request, signInPurpose)
  const credentials = { email: field(request, "email").trim(), password: field(request, "password") }
  const answer = await signIn(services, credentials, visitorOf(request))
  const next = localPath(field(request, "next")) ?? signInHome
  return keepCookies(reply, answer).redirect(needsCode(answer) ? codePath(next) : next, 303)
}

export interface SignInExchange {
  readonly services: Services
  readonly forms: OwnForms
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** The page with the form for the password, and the button of the OpenID provider where there is one. */
export function signInForm(
  { forms, reply, request, services }: SignInExchange,
  shown: Pick<SignInForm, "next" | "email" | "problem">,
): Page {
  const csrf = forms.token(request, reply, signInPurpose)
  return signInPage({ ...shown, csrf, provider: services.config.openId?.name ?? null })
}

/** The same with what went wrong, where another try can mend it. */
export function problemOf({ message, status }: GrantryError): NonNullable<SignInForm["problem"]> {
  return { text: message, status }
}

function signInAgain(exchange: SignInExchange, error: GrantryError): Page {
  const { request } = exchange
  if (!["SIGN_IN_REFUSED", "RATE_LIMITED", "INVALID_REQUEST"].includes(error.code))
    return problemPage(error, request.id)
  return signInForm(exchange, {
    next: localPath(field(request, "next")) ?? signInHome,
    email: field(request, "email"),
    problem: problemOf(error),
  })
}
