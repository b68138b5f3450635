/** What can be wrong with a request; each service says it in its own words. */
export type ProblemKind =
  | "method_not_allowed"
  | "unsupported_content_type"
  | "repeated_parameter"
  | "missing_parameter"
  | "invalid_parameter"
  | "unknown_client"
  | "wrong_secret"
  | "wrong_client_authentication"
  | "redirect_uri_missing"
  | "redirect_uri_invalid"
  | "redirect_uri_mismatch"
  | "unsupported_response_type"
  | "unsupported_grant_type"
  | "invalid_scope"
  | "pkce_not_allowed"
  | "pkce_required"
  | "pkce_method"
  | "pkce_verifier_missing"
  | "pkce_verifier_wrong"
  | "pkce_verifier_unexpected"
  | "code_unknown"
  | "code_expired"
  | "code_used"
  | "code_of_other_client"
  | "refresh_token_dead"
  | "refresh_token_reused"
  | "refresh_token_of_other_client"
  | "refresh_collision"
  | "token_missing"
  | "token_unknown"
  | "token_expired"
  | "token_revoked"
  | "access_denied"
  | "interaction_required"
  | "rate_limited"
  | "server_error"

export interface Problem {
  readonly kind: ProblemKind
  /** One sentence for the developer. Never a secret. */
  readonly detail: string
  /** The parameter concerned. */
  readonly parameter?: string
}

export function problem(kind: ProblemKind, detail: string, parameter?: string): Problem {
  return parameter === undefined ? { kind, detail } : { kind, detail, parameter }
}

/** RFC 6749 sections 4.1.2.1 and 5.2. */
export function standardError(kind: ProblemKind): string {
  switch (kind) {
    case "unknown_client":
    case "wrong_secret":
    case "wrong_client_authentication":
      return "invalid_client"
    case "unsupported_response_type":
    case "unsupported_grant_type":
    case "invalid_scope":
    case "access_denied":
    case "interaction_required":
    case "server_error":
      return kind
    case "code_unknown":
    case "code_expired":
    case "code_used":
    case "code_of_other_client":
    case "redirect_uri_mismatch":
    case "pkce_verifier_missing":
    case "pkce_verifier_wrong":
    case "pkce_verifier_unexpected":
    case "refresh_token_dead":
    case "refresh_token_reused":
    case "refresh_token_of_other_client":
      return "invalid_grant"
    case "token_missing":
    case "token_unknown":
    case "token_expired":
    case "token_revoked":
      return "invalid_token"
    case "rate_limited":
      return "rate_limited"
    case "refresh_collision":
      return "temporarily_unavailable"
    case "method_not_allowed":
    case "unsupported_content_type":
    case "repeated_parameter":
    case "missing_parameter":
    case "invalid_parameter":
    case "redirect_uri_missing":
    case "redirect_uri_invalid":
    case "pkce_not_allowed":
    case "pkce_required":
    case "pkce_method":
      return "invalid_request"
  }
}

/** The status that RFC 6749 section 5.2 and RFC 6750 section 3.1 give to an error. */
export function standardStatus(kind: ProblemKind): number {
  if (kind === "method_not_allowed") return 405
  if (kind === "rate_limited") return 429
  if (kind === "server_error") return 503
  if (kind === "refresh_collision") return 409
  const error = standardError(kind)
  return error === "invalid_client" || error === "invalid_token" ? 401 : 400
}
