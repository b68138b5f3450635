/** The page behind the one-time link that the server prints at its first start. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { authorizationRefused } from "../../authorization/refusals.ts"
import { isSignInAddress } from "../../config/parse-value.ts"
import { hashPassword } from "../../members/passwords.ts"
import { recordForMember } from "../../members/sign-in.ts"
import { startSession } from "../../members/start-session.ts"
import type { Services } from "../../services.ts"
import type { FirstOwner } from "../../workspace/bootstrap.ts"
import { isStartLink, type OwnerSignIn, redeemStartLink } from "../../workspace/first-keys.ts"
import { isFromElsewhere } from "../browser-request.ts"
import { field } from "../own-form.ts"
import { sendPage } from "../pages/layout.ts"
import { firstKeysPage, startLinkOverPage, startPage } from "../pages/start-page.ts"
import { setSessionCookie, visitorOf } from "../signed-in.ts"

const page = { caller: "page" as const }
type Route = { Params: { secret: string } }

export function startRoutes(app: FastifyInstance, services: Services, owner: FirstOwner): void {
  app.get<Route>("/start/:secret", { config: page, schema: { hide: true } }, async (request, reply) => {
    const { secret } = request.params
    if (!(await isStartLink(services, secret))) return sendPage(reply, startLinkOverPage())
    const member = await services.storage.accounts.findMember(owner.memberId)
    const email = member && isSignInAddress(member.email) ? member.email : ""
    return sendPage(reply, startPage({ secret, email, problem: null }))
  })
  app.post<Route>("/start/:secret", { config: page, schema: { hide: true } }, async (request, reply) => {
    if (isFromElsewhere(request, new URL(services.config.publicUrl).origin))
      throw authorizationRefused("This form was not sent from its own page.")
    return redeem(services, owner, request, reply)
  })
}

async function redeem(
  services: Services,
  owner: FirstOwner,
  request: FastifyRequest<Route>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { secret } = request.params
  const email = field(request, "email").trim()
  const password = field(request, "password")
  const problem = await problemWith(services, owner, email, password)
  // A guessed link learns nothing, and no password is hashed for it.
  if (!(await isStartLink(services, secret))) return sendPage(reply, startLinkOverPage())
  if (problem !== null) return sendPage(reply, startPage({ secret, email, problem }))
  const signIn: OwnerSignIn | null =
    password === "" ? null : { email, passwordHash: await hashPassword(password) }
  const keys = await redeemStartLink(services, owner, secret, signIn)
  if (!keys) return sendPage(reply, startLinkOverPage())
  const cookie = await startSession(services, owner.memberId, visitorOf(request))
  setSessionCookie(reply, cookie, services.config.publicUrl)
  const event = { action: "member.sign_in", outcome: "ok", from: visitorOf(request), target: "start link" }
  await recordForMember(services, owner.memberId, event)
  return sendPage(reply, firstKeysPage(services.config.publicUrl, keys, exampleType(services)))
}

/** Without a password there is nothing to check: the keys suffice. */
async function problemWith(
  { storage }: Services,
  owner: FirstOwner,
  email: string,
  password: string,
): Promise<string | null> {
  if (password === "") return null
  if (password.length < 8 || password.length > 128) return "The password must be 8 to 128 characters long."
  if (!isSignInAddress(email)) return "To sign in with a password you need an e-mail address."
  const taken = await storage.accounts.findMemberByEmail(email)
  return taken && taken.id !== owner.memberId ? "Another member has this e-mail address." : null
}

/** One that needs no values before consent; where a client or the sandbox is missing, the answer says so. */
function exampleType({ catalog }: Services): string {
  const simple = catalog.all().find(({ config }) => config.asked.length === 0)
  return simple?.type ?? ""
}
