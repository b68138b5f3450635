/** Who is signed in in this browser. */
import type { FastifyReply, FastifyRequest } from "fastify"
import { type MemberCaller, unauthorized } from "../callers/caller.ts"
import { sessionCookieName } from "../callers/session-cookie.ts"
import type { AuthAnswer } from "../members/member-auth.ts"
import { challengeCookieName, challengeLifeS } from "../members/second-factor/challenge.ts"
import { sessionLifeS } from "../members/start-session.ts"
import type { Visitor } from "../members/visitor.ts"
import type { Services } from "../services.ts"
import { countingCookies } from "./cookie-gate.ts"

export async function signedInMember(
  { authenticator }: Pick<Services, "authenticator">,
  request: FastifyRequest,
): Promise<MemberCaller | undefined> {
  const cookie = countingCookies(request)
  if (cookie === undefined) return undefined
  const caller = await authenticator.authenticate({ cookie })
  return caller?.kind === "member" ? caller : undefined
}

/** For what a key or device login may not do in a member's name. @throws UNAUTHORIZED */
export async function signedInId(
  services: Pick<Services, "authenticator">,
  request: FastifyRequest,
): Promise<string> {
  const member = await signedInMember(services, request)
  if (!member) throw unauthorized()
  return member.memberId
}

export function visitorOf(request: FastifyRequest): Visitor {
  return { cookie: countingCookies(request), address: request.ip, userAgent: request.headers["user-agent"] }
}

/** Passes the session's cookies on to the browser. */
export function keepCookies(
  reply: FastifyReply,
  { setCookies }: Pick<AuthAnswer, "setCookies">,
): FastifyReply {
  for (const cookie of setCookies) reply.header("set-cookie", cookie)
  return reply.header("cache-control", "no-store")
}

/** @param value signed already */
export function setSessionCookie(reply: FastifyReply, value: string, publicUrl: string): FastifyReply {
  const name = sessionCookieName(publicUrl.startsWith("https:"))
  return setSignedCookie(reply, { name, value, maxAge: sessionLifeS }, publicUrl)
}

/** Who passed the first step of a sign-in. @param value signed already */
export function setChallengeCookie(reply: FastifyReply, value: string, publicUrl: string): FastifyReply {
  return setSignedCookie(
    reply,
    { name: challengeCookieName(publicUrl), value, maxAge: challengeLifeS },
    publicUrl,
  )
}

function setSignedCookie(
  reply: FastifyReply,
  { maxAge, name, value }: { readonly name: string; readonly value: string; readonly maxAge: number },
  publicUrl: string,
): FastifyReply {
  const secure = publicUrl.startsWith("https:")
  const attributes = { path: "/", httpOnly: true, sameSite: "lax", secure, maxAge } as const
  return reply.setCookie(name, value, { ...attributes, encode: (signed) => signed })
}
