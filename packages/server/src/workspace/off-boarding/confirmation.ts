/** Who ends much at once types the name of what they end. */
import { GrantryError } from "../../errors.ts"

/** @throws CONFIRMATION_REQUIRED */
export function requireConfirmation(given: string, name: string): void {
  if (given === name) return
  const message = `This ends connections for good. To confirm it, send confirm with the name of what is ended: ${JSON.stringify(name)}.`
  throw new GrantryError("CONFIRMATION_REQUIRED", 422, message)
}
