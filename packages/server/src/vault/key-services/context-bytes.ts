import { associatedData } from "../associated-data.ts"
import type { KeyContext } from "./key-service.ts"

const version = 1

/** A context for services that take bytes: names and values in the order of the names. */
export function contextBytes(context: KeyContext): Uint8Array {
  const names = Object.keys(context).toSorted()
  return Uint8Array.from(
    associatedData(
      version,
      names.flatMap((name) => [name, context[name] ?? ""]),
    ),
  )
}
