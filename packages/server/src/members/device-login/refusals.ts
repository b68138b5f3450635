import { GrantryError } from "../../errors.ts"

/** RFC 6749 section 5.2, RFC 8628 section 3.5. */
export type TokenRequestError =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "unsupported_grant_type"
  | "authorization_pending"
  | "slow_down"
  | "access_denied"
  | "expired_token"

const descriptions: Readonly<Record<TokenRequestError, string>> = {
  invalid_request: "The request lacks a parameter or repeats one.",
  invalid_client: "This client_id is not known here.",
  invalid_grant: "The code or refresh token is unknown, used up or revoked. Begin a new login.",
  unsupported_grant_type: "Only device codes and refresh tokens are exchanged here.",
  authorization_pending:
    "Nobody has approved this login yet. Open the page that was named and enter the code.",
  slow_down: "This login is asked for too often. Wait as long as the interval says between two requests.",
  access_denied: "The member denied this login.",
  expired_token: "Nobody approved this login in time. Begin a new one.",
}

export function tokenRequestRefused(error: TokenRequestError): GrantryError {
  const message = descriptions[error]
  return new GrantryError("TOKEN_REQUEST_REFUSED", 400, message, {
    body: { error, error_description: message },
  })
}
