import type { Page } from "./list.ts"

/** `POST /api/apps/{id}/identity-issuers`: either `jwks_url` or `jwks`. */
export interface AddIdentityIssuerRequest {
  /** `iss` of its tokens, exactly. */
  readonly issuer: string
  /** What `aud` of its tokens must name. */
  readonly audience: string
  readonly jwks_url?: string
  /** A JWK Set (RFC 7517 section 5) of public keys. */
  readonly jwks?: { readonly keys: readonly Readonly<Record<string, unknown>>[] }
}

export interface IdentityIssuer {
  readonly id: string
  readonly issuer: string
  readonly audience: string
  /** null: the keys are pinned. */
  readonly jwks_url: string | null
  /** The pinned keys; null: they are fetched. */
  readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] } | null
  /** ISO 8601, UTC. */
  readonly created_at: string
}

/** `GET /api/apps/{id}/identity-issuers` */
export interface IdentityIssuerListAnswer extends Page {
  readonly identity_issuers: readonly IdentityIssuer[]
}
