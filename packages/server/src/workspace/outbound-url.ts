/** Addresses that a tenant gives and the server will call. */
import { GrantryError } from "../errors.ts"
import type { Services } from "../services.ts"

const maxLength = 2_048

/**
 * Checked when it is saved so that whoever saves it learns at once; what counts is the check when it is connected to.
 *
 * @param field as the request names it
 * @returns the URL, parsed and without a fragment
 * @throws INVALID_REQUEST
 */
export async function checkedOutboundUrl(
  { protocol }: Pick<Services, "protocol">,
  field: string,
  text: string,
): Promise<URL> {
  const url = text.length <= maxLength ? URL.parse(text) : null
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw refused(field, "must be an http or https URL")
  if (url.username !== "" || url.password !== "" || url.hash !== "" || text.includes("#"))
    throw refused(field, "must hold neither credentials nor a fragment")
  const refusal = await protocol.outbound.refusalOf(url)
  if (refusal !== undefined)
    throw refused(field, `${refusal}. An operator can allow it with GRANTRY_ALLOW_PRIVATE_NETWORK`)
  return url
}

function refused(field: string, problem: string): GrantryError {
  return new GrantryError("INVALID_REQUEST", 400, `body.${field} ${problem}.`)
}
