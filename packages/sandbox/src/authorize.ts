/** The authorization endpoint: checks the request, shows the consent page, carries out the decision. */
import { checkAuthorization } from "./check-authorization.ts"
import type { CheckedAuthorization } from "./check-authorization.ts"
import { consentPage, refusalPage, scopeField } from "./consent-page.ts"
import { addCode, grantKey } from "./grants.ts"
import type { CodePart } from "./grants.ts"
import type { Parameters } from "./parameters.ts"
import { bodyFormat, readPairs } from "./parameters.ts"
import type { Problem } from "./problems.ts"
import { problem } from "./problems.ts"
import { redirectReply } from "./reply.ts"
import type { Reply } from "./reply.ts"
import type { Sandbox } from "./sandbox.ts"
import type { Consent, ProviderCall } from "./service-profile.ts"
import type { Service } from "./service.ts"
import type { TestAccount } from "./test-accounts.ts"
import { testAccount } from "./test-accounts.ts"

export function authorize(sandbox: Sandbox, service: Service, call: ProviderCall): Reply {
  const read = readPairs(call.url.searchParams)
  if (read.kind !== "read")
    return refuse(
      service,
      new Map(call.url.searchParams),
      problem("repeated_parameter", "A parameter is sent twice."),
    )
  const params = service.profile.authorizationParams(read.values)
  const checked = checkAuthorization(sandbox, service, params)
  if (checked.kind === "refused") return refuse(service, params, checked.problem)
  if (call.method === "POST") return decide(sandbox, service, call, checked)
  return consentPage({
    service,
    clientId: checked.client.clientId,
    redirectUri: checked.redirectUri,
    parts: checked.parts,
    query: call.url.search,
    loginHint: checked.params.get(service.definition.authorize.loginHintParam ?? "login_hint") ?? null,
  })
}

function decide(
  sandbox: Sandbox,
  service: Service,
  call: ProviderCall,
  checked: CheckedAuthorization,
): Reply {
  const form = new URLSearchParams(bodyFormat(call.headers["content-type"]) === "form" ? call.body : "")
  const decision = form.get("decision")
  if (decision === "deny")
    return refuse(service, checked.params, problem("access_denied", "The account's owner denied access."))
  const account = testAccount(form.get("account") ?? "")
  if (decision !== "approve" || !account) {
    return refuse(
      service,
      checked.params,
      problem("invalid_parameter", "The form needs decision=approve or deny, and account."),
    )
  }
  return approve(sandbox, service, { call, checked, form, account })
}

interface Approval {
  readonly call: ProviderCall
  readonly checked: CheckedAuthorization
  readonly form: URLSearchParams
  readonly account: TestAccount
}

function approve(sandbox: Sandbox, service: Service, approval: Approval): Reply {
  const { checked, form, account, call } = approval
  const ticked = checked.parts.map(({ part, scopes }) => ({
    part,
    asked: scopes.length,
    scopes: scopes.filter((scope) => form.getAll(scopeField(part)).includes(scope)),
  }))
  const given = ticked.filter((part) => part.asked === 0 || part.scopes.length > 0)
  if (given.length === 0)
    return refuse(service, checked.params, problem("access_denied", "No permission was given."))
  const consents = given.map(({ part, scopes }) => ({
    part,
    consent: consentTo(sandbox, service, approval, part, scopes),
  }))
  const code = service.profile.mint("code", "main", checked.client, account)
  addCode(sandbox.store, {
    value: code,
    realm: service.realm,
    type: service.definition.type,
    clientId: checked.client.clientId,
    redirectUri: checked.redirectUri,
    email: account.email,
    parts: consents.map(({ part, consent }) => codePart(service, part, consent)),
    challenge: checked.challenge,
    config: call.config,
    expiresAtMs: sandbox.clock.now() + service.profile.codeLifetimeS * 1000,
    usedFor: null,
  })
  const extra = Object.assign({}, ...consents.map(({ consent }) => service.profile.callbackParams(consent)))
  return callback(
    service,
    checked.redirectUri,
    checked.params.get("state"),
    { ...extra, [service.profile.codeParam]: code },
    "ok",
  )
}

function consentTo(
  sandbox: Sandbox,
  service: Service,
  { checked, account }: Approval,
  part: string,
  scopes: readonly string[],
): Consent {
  const { client, params } = checked
  const key = grantKey({ clientId: client.clientId, part, subject: service.profile.subject(account, part) })
  return { client, account, params, scopes, isFirst: sandbox.store.grants.get(key)?.live !== true }
}

function codePart(service: Service, part: string, consent: Consent): CodePart {
  return { part, scopes: consent.scopes, withRefreshToken: service.profile.givesRefreshToken(consent) }
}

/** RFC 6749 section 4.1.2; `iss` by RFC 9207. */
function callback(
  service: Service,
  redirectUri: string,
  state: string | undefined,
  params: Readonly<Record<string, string>>,
  outcome: string,
): Reply {
  const target = new URL(redirectUri)
  for (const [name, value] of Object.entries(params)) target.searchParams.set(name, value)
  if (state !== undefined) target.searchParams.set("state", state)
  const { issuer } = service.definition.authorize
  if (issuer !== null) target.searchParams.set("iss", issuer)
  if (service.profile.callbackFragment !== null) target.hash = service.profile.callbackFragment
  return redirectReply(target.href, outcome)
}

function refuse(service: Service, params: Parameters, found: Problem): Reply {
  const refusal = service.profile.authorizationRefusal(found)
  const redirectUri = params.get("redirect_uri") ?? null
  const outcome = found.kind
  if (refusal.shownOn === "page" || redirectUri === null || concernsRedirect(found)) {
    const clientId = params.get("client_id") ?? null
    return { ...refusalPage({ service, refusal, clientId, redirectUri }), outcome }
  }
  const description: Record<string, string> =
    refusal.description === null ? {} : { error_description: refusal.description }
  const state = params.get("state")
  return callback(service, redirectUri, state, { error: refusal.error, ...description }, outcome)
}

/** RFC 6749 section 4.1.2.1: mistakes about the client or its redirect URI never go to that URI. */
function concernsRedirect(found: Problem): boolean {
  const kinds = [
    "unknown_client",
    "repeated_parameter",
    "redirect_uri_missing",
    "redirect_uri_invalid",
    "redirect_uri_mismatch",
  ]
  return kinds.includes(found.kind) || found.parameter === "client_id"
}
