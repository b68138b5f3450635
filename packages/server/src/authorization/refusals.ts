/** Why an authorization ends without a grant, worded for the person in front of the browser. */
import { GrantryError } from "../errors.ts"

export function attemptOver(): GrantryError {
  const message =
    "This connect link was already used or is older than ten minutes. Ask for a new one where you started."
  return new GrantryError("ATTEMPT_OVER", 410, message)
}

/** The callback does not belong to this browser, this connector or this provider. */
export function authorizationRefused(why: string): GrantryError {
  return new GrantryError(
    "AUTHORIZATION_REFUSED",
    400,
    `${why} Nothing was connected. Start again where you began.`,
  )
}

/** The provider's answer, in its own words. */
export function authorizationDenied(message: string, sentRedirectUri: string): GrantryError {
  return new GrantryError("AUTHORIZATION_DENIED", 400, message, { body: { redirect_uri: sentRedirectUri } })
}
