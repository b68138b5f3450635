/** The revocation request in each provider's own form: RFC 7009 section 2.1, and what is made of it. */
import { endpoint, type RevocationFacts, type WireRequest } from "@grantry/catalog"
import { basicCredentials, formEncoded } from "./client-authentication.ts"
import type { TokenRequestContext } from "./request-token.ts"

/** @throws ConfigValueError when the config values lead nowhere */
export function revocationRequest(
  { client, config }: Pick<TokenRequestContext, "client" | "config">,
  facts: RevocationFacts,
  token: string,
): WireRequest {
  const url = endpoint(client.definition, facts.url, {
    ...config,
    ...client.ownConfig,
    client_id: client.clientId,
  }).href
  const fields: Record<string, string> = facts.tokenField === null ? {} : { [facts.tokenField]: token }
  const headers: Record<string, string> = { ...facts.headers }
  if (facts.auth === "bearer") headers["authorization"] = `Bearer ${token}`
  if (facts.auth === "basic")
    headers["authorization"] = basicCredentials(
      formEncoded(client.clientId),
      formEncoded(client.clientSecret),
    )
  if (facts.auth === "basic_raw")
    headers["authorization"] = basicCredentials(client.clientId, client.clientSecret)
  if (facts.auth === "post")
    Object.assign(fields, { client_id: client.clientId, client_secret: client.clientSecret })
  const request: WireRequest = { method: facts.method, url, headers, body: requestBody(facts, fields) }
  const { clientId, clientSecret } = client
  return client.definition.dialect.revocationRequest?.(request, { clientId, clientSecret, config }) ?? request
}

function requestBody(facts: RevocationFacts, fields: Record<string, string>): WireRequest["body"] {
  switch (facts.body) {
    case "none":
      return null
    case "json":
      return { kind: "json", value: fields }
    case "form":
      return { kind: "form", fields }
  }
}
