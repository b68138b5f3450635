/** Checks how a client proves itself (RFC 6749 section 2.3.1), in exactly the ways that the provider takes. */
import type { OauthClient } from "./oauth-client.ts"
import type { Parameters } from "./parameters.ts"
import type { Problem } from "./problems.ts"
import { problem } from "./problems.ts"
import type { Sandbox } from "./sandbox.ts"
import { clientOf } from "./sandbox.ts"
import type { ProviderCall } from "./service-profile.ts"
import type { Service } from "./service.ts"

interface Credentials {
  readonly way: "basic" | "post"
  readonly clientId: string
  /** null: none was sent. */
  readonly clientSecret: string | null
}

export interface ClientCheck {
  readonly params: Parameters
  /** What is presented came about with PKCE, and some providers then ask for no secret. */
  readonly withPkce: boolean
  /** Ways that this endpoint takes. */
  readonly ways: readonly string[]
}

export type Authenticated =
  | { readonly kind: "client"; readonly client: OauthClient }
  | { readonly kind: "refused"; readonly problem: Problem }

export function authenticateClient(
  sandbox: Sandbox,
  service: Service,
  call: ProviderCall,
  check: ClientCheck,
): Authenticated {
  const sent = sentCredentials(call, check)
  if ("kind" in sent) return refused(sent)
  const client = clientOf(sandbox, service, sent.clientId)
  if (!client) return refused(problem("unknown_client", "The OAuth client is not known.", "client_id"))
  if (sent.clientSecret === null) {
    return check.withPkce && service.profile.secretOptionalWithPkce(client)
      ? { kind: "client", client }
      : refused(problem("wrong_secret", "The client secret is missing.", "client_secret"))
  }
  if (sent.clientSecret !== client.clientSecret)
    return refused(problem("wrong_secret", "The client secret is wrong."))
  return { kind: "client", client }
}

function refused(found: Problem): Authenticated {
  return { kind: "refused", problem: found }
}

function sentCredentials(call: ProviderCall, { params, ways }: ClientCheck): Credentials | Problem {
  const basic = basicCredentials(call.headers.authorization, ways.includes("basic_raw"))
  const clientId = params.get("client_id")
  const clientSecret = params.get("client_secret") ?? null
  if (basic) {
    if (!ways.includes("basic") && !ways.includes("basic_raw"))
      return wrongWay("in the body, not as HTTP Basic")
    if (clientSecret !== null) return wrongWay("once, not as HTTP Basic and in the body")
    if (clientId !== undefined && clientId !== basic.clientId) return wrongWay("for one client only")
    return basic
  }
  if (!ways.includes("post")) return wrongWay("as HTTP Basic")
  if (clientId === undefined) return wrongWay("with client_id")
  return { way: "post", clientId, clientSecret }
}

function wrongWay(how: string): Problem {
  return problem("wrong_client_authentication", `The client must prove itself ${how}.`)
}

function basicCredentials(header: string | undefined, raw: boolean): Credentials | null {
  const encoded = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(header ?? "")?.[1]
  if (encoded === undefined) return null
  const text = Buffer.from(encoded, "base64").toString("utf8")
  const colon = text.indexOf(":")
  if (colon < 0) return null
  const decode = raw ? (part: string) => part : formDecoded
  return { way: "basic", clientId: decode(text.slice(0, colon)), clientSecret: decode(text.slice(colon + 1)) }
}

/** RFC 6749 section 2.3.1: id and secret are form-encoded before they are joined. */
function formDecoded(text: string): string {
  return new URLSearchParams(`v=${text.replaceAll("&", "%26")}`).get("v") ?? ""
}
