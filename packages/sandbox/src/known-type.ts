/** Reads the field `type` of a control request. */
import { oneOf } from "./control-input.ts"
import type { Sandbox } from "./sandbox.ts"

export function knownType(sandbox: Sandbox, input: Readonly<Record<string, unknown>>): string {
  return oneOf(input, "type", [...sandbox.services.keys()])
}
