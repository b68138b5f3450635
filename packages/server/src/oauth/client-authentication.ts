/** Client authentication as a value (RFC 6749 section 2.3.1). */
import type { ClientAuthentication } from "@grantry/catalog"
import { type ClientAuth, ClientSecretBasic, ClientSecretPost } from "oauth4webapi"

export function clientAuthentication(kind: ClientAuthentication, clientSecret: string): ClientAuth {
  switch (kind) {
    case "basic":
      return ClientSecretBasic(clientSecret)
    case "post":
      return ClientSecretPost(clientSecret)
    case "basic_raw":
      return (_server, client, _body, headers) => {
        headers.set("authorization", basicCredentials(client.client_id, clientSecret))
      }
  }
}

/** Without the form-encoding that RFC 6749 asks for: some providers compare the decoded header as it is. */
export function basicCredentials(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`
}

/** RFC 6749 section 2.3.1 with appendix B. */
export function formEncoded(text: string): string {
  return new URLSearchParams({ t: text }).toString().slice(2)
}
