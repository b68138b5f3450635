/** The page of a sign-in's second step. */
import type { FastifyInstance } from "fastify"
import type { GrantryError } from "../../errors.ts"
import { findChallenge } from "../../members/second-factor/challenge.ts"
import { readCode, verifyCode } from "../../members/second-factor/verify-code.ts"
import type { Services } from "../../services.ts"
import { asPage } from "../as-page.ts"
import { localPath } from "../local-path.ts"
import { field, type OwnForms } from "../own-form.ts"
import { signInCodePage } from "../pages/code-page.ts"
import { type Page, sendPage } from "../pages/layout.ts"
import { problemPage } from "../pages/problem-page.ts"
import { keepCookies, visitorOf } from "../signed-in.ts"
import { problemOf, redirectToSignIn, type SignInExchange, signInForm, signInHome } from "./sign-in.ts"

const page = { config: { caller: "page" as const }, schema: { hide: true } }
const purpose = "sign-in code"

export function signInCodeRoutes(app: FastifyInstance, services: Services, forms: OwnForms): void {
  app.get<{ Querystring: Record<string, unknown> }>("/sign-in/code", page, (request, reply) =>
    asPage(request, reply, async () => {
      const next = localPath(request.query["next"]) ?? signInHome
      if (!(await findChallenge(services, visitorOf(request).cookie))) return redirectToSignIn(reply, next)
      return sendPage(reply, signInCodePage({ csrf: forms.token(request, reply, purpose), next }))
    }),
  )
  app.post("/sign-in/code", page, (request, reply) => {
    const again = (error: GrantryError) => codeAgain({ services, forms, request, reply }, error)
    const receive = async () => {
      forms.require(request, purpose)
      const code = readCode(field(request, "code"))
      keepCookies(reply, await verifyCode(services, code, visitorOf(request)))
      return reply.redirect(localPath(field(request, "next")) ?? signInHome, 303)
    }
    return asPage(request, reply, receive, again)
  })
}

function codeAgain(exchange: SignInExchange, error: GrantryError): Page {
  const { forms, reply, request } = exchange
  const next = localPath(field(request, "next")) ?? signInHome
  if (error.code === "SIGN_IN_OVER") return signInForm(exchange, { next, problem: problemOf(error) })
  if (!["SIGN_IN_REFUSED", "RATE_LIMITED"].includes(error.code)) return problemPage(error, request.id)
  return signInCodePage({ csrf: forms.token(request, reply, purpose), next, problem: problemOf(error) })
}
