/** A sealed value together with the place where it was found, ready to be opened any number of times. */
import { associatedDataOf, type SealContext } from "./seal-context.ts"
import { sealedBox, sealedKeyId } from "./sealed-value.ts"

export interface PlacedValue {
  readonly context: SealContext
  readonly workspaceId: string
  readonly keyId: string
  /** Associated data, then the box: side by side, since reading from all over the memory takes longer than decrypting. */
  readonly bytes: Uint8Array
  readonly boxStart: number
}

/** Works out once what opening needs besides the key. @throws CredentialUnreadable when this is no sealed value */
export function placeValue(context: SealContext, sealed: Uint8Array): PlacedValue {
  const keyId = sealedKeyId(sealed)
  const place = associatedDataOf(context, keyId)
  const { workspaceId } = context
  return {
    context,
    workspaceId,
    keyId,
    bytes: Buffer.concat([place, sealedBox(sealed)]),
    boxStart: place.length,
  }
}
