import { associatedData } from "./associated-data.ts"
import { sealVersion } from "./sealed-value.ts"

/** Where a sealed value lives: it opens there and nowhere else. */
export interface SealContext {
  readonly workspaceId: string
  readonly record:
    | "connection"
    | "connector"
    | "attempt"
    | "revocation"
    | "signing_key"
    | "sign_in"
    | "webhook_endpoint"
    | "audit_chain"
  readonly recordId: string
  readonly field: string
  /** What else must still be so when the value is opened, e.g. the owner and the generation. */
  readonly bound: readonly string[]
}

/** @returns bytes that are valid until the next call */
export function associatedDataOf(context: SealContext, keyId: string): Uint8Array {
  const { workspaceId, record, recordId, field, bound } = context
  return associatedData(sealVersion, [workspaceId, record, recordId, field, ...bound, keyId])
}
