/** The page on which a member approves a device login: CONTRACT section 7. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import type { GrantryError } from "../../errors.ts"
import { deviceClientName } from "../../members/device-login/clients.ts"
import { decideDeviceLogin, findDeviceLogin } from "../../members/device-login/decide.ts"
import type { Services } from "../../services.ts"
import type { Member } from "../../storage/stores/accounts.ts"
import { asPage } from "../as-page.ts"
import { field, type OwnForms } from "../own-form.ts"
import { deviceCodePage, deviceDecidedPage, deviceDecisionPage } from "../pages/device-page.ts"
import { sendPage } from "../pages/layout.ts"
import { problemPage } from "../pages/problem-page.ts"
import { signedInMember, visitorOf } from "../signed-in.ts"
import { redirectToSignIn } from "./sign-in.ts"

const page = { config: { caller: "page" as const }, schema: { hide: true } }
/** What a code can look like; anything else is not led through the sign-in. */
const codePattern = /^[A-Za-z -]{8,12}$/

export function deviceRoutes(app: FastifyInstance, services: Services, forms: OwnForms): void {
  app.get<{ Querystring: Record<string, unknown> }>("/device", page, (request, reply) =>
    asPage(request, reply, async () => {
      const userCode = codeOf(request.query["user_code"])
      const member = await requester(services, request)
      if (!member) return redirectToSignIn(reply, pathWith(userCode))
      return sendPage(reply, deviceCodePage({ csrf: forms.token(request, reply, purpose(member)), userCode }))
    }),
  )
  app.post("/device", page, (request, reply) =>
    withMember({ services, forms, request, reply }, async (member) => {
      forms.require(request, purpose(member))
      return sendPage(reply, await decisionPage({ services, forms, request, reply }, member))
    }),
  )
  app.post("/device/decide", page, (request, reply) =>
    withMember({ services, forms, request, reply }, async (member) => {
      const userCode = field(request, "user_code")
      forms.require(request, purpose(member, userCode))
      const isApproved = field(request, "answer") === "approve"
      const decision = { memberId: member.id, userCode, isApproved }
      const code = await decideDeviceLogin(services, decision, visitorOf(request))
      return sendPage(reply, deviceDecidedPage(deviceClientName(code.clientId) ?? code.clientId, isApproved))
    }),
  )
}

interface Exchange {
  readonly services: Services
  readonly forms: OwnForms
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** A wrong code is said on the page where it can be corrected. */
async function withMember(
  exchange: Exchange,
  work: (member: Member) => Promise<FastifyReply>,
): Promise<FastifyReply> {
  const { forms, reply, request, services } = exchange
  let member: Member | undefined
  const again = (error: GrantryError) => {
    if (!member || !["NOT_FOUND", "RATE_LIMITED"].includes(error.code)) return problemPage(error, request.id)
    return deviceCodePage({
      csrf: forms.token(request, reply, purpose(member)),
      userCode: field(request, "user_code"),
      problem: { text: error.message, status: error.status },
    })
  }
  const attempt = async () => {
    member = await requester(services, request)
    return member ? work(member) : redirectToSignIn(reply, pathWith(codeOf(field(request, "user_code"))))
  }
  return asPage(request, reply, attempt, again)
}

async function decisionPage({ forms, reply, request, services }: Exchange, member: Member) {
  const { code, userCode } = await findDeviceLogin(
    services,
    member.id,
    field(request, "user_code"),
    visitorOf(request),
  )
  const asked = {
    clientName: deviceClientName(code.clientId) ?? code.clientId,
    address: code.address ?? "unknown",
    askedAt: new Date(code.createdAt),
    scope: code.scope,
    userCode,
    member,
  }
  return deviceDecisionPage(asked, forms.token(request, reply, purpose(member, userCode)))
}

/** A form is good for the member to whom it was shown, and a decision for the code that was shown with it. */
function purpose(member: Member, userCode = ""): string {
  return `device ${member.id} ${userCode}`
}

async function requester(services: Services, request: FastifyRequest): Promise<Member | undefined> {
  const caller = await signedInMember(services, request)
  return caller && services.storage.accounts.findMember(caller.memberId)
}

function codeOf(given: unknown): string {
  return typeof given === "string" && codePattern.test(given) ? given : ""
}

function pathWith(userCode: string): string {
  return userCode === "" ? "/device" : `/device?user_code=${encodeURIComponent(userCode)}`
}
