/** Why a sealed value does not open; for logs and operators. */
export type UnreadableReason =
  | "not_sealed"
  | "altered_or_moved"
  | "data_key_missing"
  | "data_key_altered"
  | "master_key_missing"

/** A sealed value cannot be opened in the record where it was found. The message holds neither key nor plaintext. */
export class CredentialUnreadable extends Error {
  override readonly name = "CredentialUnreadable"
  readonly reason: UnreadableReason

  constructor(reason: UnreadableReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
