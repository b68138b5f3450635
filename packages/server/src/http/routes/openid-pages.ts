/** To the operator's OpenID provider and back: sign-ins, and the way back of linking. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import type { GrantryError } from "../../errors.ts"
import { beginOpenId } from "../../members/openid/begin.ts"
import { completeOpenId, type OpenIdCompletion } from "../../members/openid/complete.ts"
import type { Services } from "../../services.ts"
import { asPage } from "../as-page.ts"
import type { BrowserBinding } from "../browser-binding.ts"
import { isPrefetch, singleValued } from "../browser-request.ts"
import { localPath } from "../local-path.ts"
import type { OwnForms } from "../own-form.ts"
import type { Page } from "../pages/layout.ts"
import { problemPage } from "../pages/problem-page.ts"
import { setChallengeCookie, setSessionCookie, signedInMember, visitorOf } from "../signed-in.ts"
import { codePath, problemOf, signInForm, signInHome } from "./sign-in.ts"

const page = { config: { caller: "page" as const }, schema: { hide: true } }

export function openIdPages(
  app: FastifyInstance,
  services: Services,
  binding: BrowserBinding,
  forms: OwnForms,
): void {
  const answered = (request: FastifyRequest, reply: FastifyReply, work: () => Promise<FastifyReply>) => {
    // Whoever only looks begins nothing and uses nothing up (RFC 9110 section 9.3.2).
    if (request.method === "HEAD" || isPrefetch(request))
      return reply.code(204).header("cache-control", "no-store").send()
    let isSignedIn = false
    const attempt = async () => {
      isSignedIn = (await signedInMember(services, request)) !== undefined
      return work()
    }
    const show = (error: GrantryError): Page =>
      isSignedIn
        ? problemPage(error, request.id)
        : signInForm({ services, forms, request, reply }, { next: signInHome, problem: problemOf(error) })
    return asPage(request, reply, attempt, show)
  }
  app.get<{ Querystring: Record<string, unknown> }>("/sign-in/oidc", page, (request, reply) =>
    answered(request, reply, async () => {
      const url = await beginOpenId(services, {
        browserSecret: binding.bind(request, reply),
        memberId: null,
        nextPath: localPath(request.query["next"]) ?? signInHome,
        address: request.ip,
      })
      return leave(reply, url.href)
    }),
  )
  app.get("/sign-in/oidc/callback", page, (request, reply) =>
    answered(request, reply, async () => {
      const parameters = singleValued(request.url)
      const member = await signedInMember(services, request)
      const callback = { parameters, browserSecret: binding.read(request), memberId: member?.memberId }
      return arrive(services, reply, await completeOpenId(services, callback, visitorOf(request)))
    }),
  )
}

function arrive({ config }: Services, reply: FastifyReply, completion: OpenIdCompletion): FastifyReply {
  switch (completion.kind) {
    case "signed_in":
      setSessionCookie(reply, completion.cookie, config.publicUrl)
      return leave(reply, completion.nextPath)
    case "code_asked":
      setChallengeCookie(reply, completion.cookie, config.publicUrl)
      return leave(reply, codePath(completion.nextPath))
    case "linked":
      return leave(reply, completion.nextPath)
  }
}

/** The address holds a code or a state: nobody else is told it. */
function leave(reply: FastifyReply, href: string): FastifyReply {
  return reply
    .header("referrer-policy", "no-referrer")
    .header("cache-control", "no-store")
    .redirect(href, 303)
}
