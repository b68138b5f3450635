/** Whose tokens an app takes as its users'. */

/** Whose tokens an app takes as its users'. */
export interface IdentityIssuer {
  readonly id: string
  readonly workspaceId: string
  readonly appId: string
  /** `iss` of its tokens, exactly. */
  readonly issuer: string
  /** What `aud` must name. */
  readonly audience: string
  /** Where its keys are; null: they are pinned. */
  readonly jwksUrl: string | null
  /** The pinned keys: a JWK Set as JSON. */
  readonly jwksJson: string | null
  readonly createdAt: number
}

export interface IdentityIssuerStore {
  /** `taken` when the app trusts this issuer for this audience already, `gone` when there is no such app. */
  insert(issuer: IdentityIssuer): Promise<"inserted" | "taken" | "gone">
  list(workspaceId: string, appId: string): Promise<readonly IdentityIssuer[]>
  remove(workspaceId: string, appId: string, id: string): Promise<boolean>
}
