import { associatedData } from "./associated-data.ts"
import { sealVersion } from "./sealed-value.ts"

/** Where a sealed value lives: it opens there and nowhere else. */
export interface SealContext {
  readonly workspaceId: string
  readonly record: "connection" | "connector" | "attempt" | "revocation"
  readonly recordId: string
  readonly field: string
  /** What else must still be so when the value is opened, e.g. the owner and the generation. */
  readonly bound: readonly string[]
}

/** @returns bytes that are valid until the next call */
export function associatedDataOf(context: SealContext, keyId: string): Uint8Array {
  return context instanceof LastingContext ? context.associatedData(keyId) : joined(context, keyId)
}

function joined({ workspaceId, record, recordId, field, bound }: SealContext, keyId: string): Uint8Array {
  return associatedData(sealVersion, [workspaceId, record, recordId, field, ...bound, keyId])
}

/** The same context for a record that is read again and again: what follows from it is worked out once. */
export function lastingContext(context: SealContext): SealContext {
  return new LastingContext(context)
}

class LastingContext implements SealContext {
  readonly workspaceId: string
  readonly record: SealContext["record"]
  readonly recordId: string
  readonly field: string
  readonly bound: readonly string[]
  #keyId: string | null = null
  #associatedData: Uint8Array = new Uint8Array()

  constructor({ workspaceId, record, recordId, field, bound }: SealContext) {
    this.workspaceId = workspaceId
    this.record = record
    this.recordId = recordId
    this.field = field
    // A copy: the bytes below must not outlive what they were made of.
    this.bound = Object.freeze([...bound])
  }

  associatedData(keyId: string): Uint8Array {
    if (this.#keyId !== keyId) {
      this.#associatedData = Uint8Array.from(joined(this, keyId))
      this.#keyId = keyId
    }
    return this.#associatedData
  }
}
