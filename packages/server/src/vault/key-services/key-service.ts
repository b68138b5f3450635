/** A service that encrypts and decrypts with a key which never leaves it. */

/** Where the key is, as `GRANTRY_MASTER_KEY` names it. */
export type KeyAddress =
  | { readonly kind: "aws-kms"; readonly keyArn: string; readonly region: string }
  | { readonly kind: "gcp-kms"; readonly keyName: string }
  | {
      readonly kind: "vault-transit"
      readonly origin: string
      readonly mount: string
      readonly keyName: string
    }

/** What a ciphertext is good for; the service is told, and refuses it for anything else. */
export type KeyContext = Readonly<Record<string, string>>

export interface KeyService {
  /** @throws KeyServiceError */
  encrypt(context: KeyContext, plaintext: Uint8Array, signal: AbortSignal): Promise<Uint8Array>
  /** @throws KeyServiceError */
  decrypt(context: KeyContext, ciphertext: Uint8Array, signal: AbortSignal): Promise<Uint8Array>
  close(): Promise<void>
}

/** How the services are reached; what the environment says beside `GRANTRY_MASTER_KEY`. */
export interface KeyServiceAccess {
  /** null: AWS's own for the key's region. */
  readonly awsEndpoint: string | null
  /** null: Google's own. */
  readonly gcpEndpoint: string | null
  readonly vaultToken: string | null
  /** Read anew for each request: an agent may renew what it holds. */
  readonly vaultTokenFile: string | null
  readonly vaultNamespace: string | null
  /** Total of one question, tries again included. */
  readonly timeoutMs: number
}

export type OpenKeyService = (address: KeyAddress) => Promise<KeyService>

/** `refused`: the service says that it did not make this ciphertext, or not for this context. All else is trouble. */
export type KeyServiceErrorKind = "refused" | "unavailable"

/** The message is for the operator: it holds neither key nor token. */
export class KeyServiceError extends Error {
  override readonly name = "KeyServiceError"
  readonly kind: KeyServiceErrorKind

  constructor(kind: KeyServiceErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

/** The service's library is not installed, or what it needs is not configured. */
export class KeyServiceNotUsable extends Error {
  override readonly name = "KeyServiceNotUsable"
}
