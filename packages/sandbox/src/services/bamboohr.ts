/** BambooHR: https://documentation.bamboohr.com/docs/getting-started */
import type { Parameters } from "../parameters.ts"
import type { Problem } from "../problems.ts"
import { problem, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { emptyReply, jsonReply, textReply } from "../reply.ts"
import type {
  Bearer,
  GrantHandler,
  ProviderCall,
  ServiceProfile,
  TokenAnswerFacts,
} from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import { refusedToken } from "../token-outcome.ts"

export function bamboohrProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    tokenBodies: ["json", "form"],
    grantTypes: Object.fromEntries(
      Object.entries(standard.grantTypes).map(([name, handle]) => [name, withTokenMark(handle)]),
    ),
    plausibleScope: (scope) => /^[a-z]+([_:.][a-z_]+)*$/.test(scope),
    checkAuthorization,
    // Answers to a refresh repeat the refresh token, new or old.
    echoesRefreshToken: true,
    tokenAnswer,
    identity,
    apiAnswer: (bearer, call) => inAskedFormat(call, apiFacts(bearer, call.url.pathname)),
    apiProblem,
  }
}

/** A parameter of BambooHR's own, at both endpoints. */
function checkAuthorization(params: Parameters): Problem | null {
  return params.get("request") === "authorize"
    ? null
    : problem("missing_parameter", "request must be authorize.", "request")
}

/** The documentation puts it into the URL; clients that send it in the body are served too. */
function withTokenMark(handle: GrantHandler): GrantHandler {
  return (sandbox, service, request) => {
    const mark = request.call.url.searchParams.get("request") ?? request.params.get("request")
    return mark === "token"
      ? handle(sandbox, service, request)
      : refusedToken(problem("missing_parameter", "request must be token.", "request"))
  }
}

function tokenAnswer(facts: TokenAnswerFacts): Reply {
  const { access, refresh, expiresInS } = facts.issued[0] ?? {}
  return jsonReply(200, {
    access_token: access?.value,
    expires_in: expiresInS ?? undefined,
    token_type: "Bearer",
    scope: access?.scopes.join(" "),
    ...(refresh ? { refresh_token: refresh.value } : {}),
    ...(access?.scopes.includes("openid") === true ? { id_token: idToken(facts, access.scopes) } : {}),
    companyDomain: facts.config["subdomain"],
  })
}

/** Shaped like an ID token and signed by nobody: nothing in the sandbox is worth a key. */
function idToken({ account, client, nowMs }: TokenAnswerFacts, scopes: readonly string[]): string {
  const issuedAtS = Math.floor(nowMs / 1000)
  const claims = {
    sub: String(100 + account.number),
    aud: client.clientId,
    iat: issuedAtS,
    exp: issuedAtS + 3600,
    ...(scopes.includes("email") ? { email: account.email } : {}),
  }
  const parts = [{ alg: "RS256", typ: "JWT" }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  )
  return `${parts.join(".")}.bm90LXNpZ25lZA`
}

/** Of the fields that were asked for, those that a person without further rights may see. */
function identity(bearer: Bearer, call: ProviderCall): Reply {
  const { account, token } = bearer
  if (!token.scopes.some((scope) => /^employee\b/.test(scope)))
    return withWord(403, "The scope employee is missing.")
  const known = { firstName: account.givenName, lastName: account.familyName, workEmail: account.email }
  const asked = new Set((call.url.searchParams.get("fields") ?? "").split(","))
  const fields = Object.entries(known).filter(([name]) => asked.has(name))
  return inAskedFormat(call, { id: String(100 + account.number), ...Object.fromEntries(fields) })
}

/** XML, unless the request accepts JSON. */
function inAskedFormat(call: ProviderCall, facts: Readonly<Record<string, unknown>>): Reply {
  if (call.headers.accept?.includes("application/json") === true) return jsonReply(200, facts)
  const reply = textReply(200, '<?xml version="1.0"?>\n<sandbox/>\n')
  return { ...reply, headers: { ...reply.headers, "content-type": "text/xml" } }
}

/** API errors have an empty body and say what is wrong in a header. */
function apiProblem(found: Problem): Reply {
  const reply = withWord(standardStatus(found.kind), found.detail, found.kind)
  return found.kind === "rate_limited"
    ? { ...reply, headers: { ...reply.headers, "retry-after": "30" } }
    : reply
}

function withWord(status: number, word: string, outcome = "forbidden"): Reply {
  const reply = emptyReply(status, outcome)
  return { ...reply, headers: { ...reply.headers, "x-bamboohr-error-message": word } }
}
