/** Why a sign-in with the OpenID provider ends, worded for the person in front of the browser. */
import { GrantryError } from "../../errors.ts"
import { scrubProviderText } from "../../oauth/provider-text.ts"

const maxShown = 200

export function openIdNotSetUp(): GrantryError {
  const message =
    "Signing in with an OpenID provider is not set up on this server. An operator does so with GRANTRY_OIDC_ISSUER."
  return new GrantryError("NOT_FOUND", 404, message)
}

export function issuerUnavailable(name: string, cause: unknown): GrantryError {
  const message = `${name} cannot be asked just now. Try again in a moment; if it stays so, the server's log says why.`
  return new GrantryError("IDENTITY_ISSUER_UNAVAILABLE", 503, message, { retryAfterS: 10, cause })
}

/** The return does not belong to this browser or this provider, or what it brought proves nothing. */
export function returnRefused(why: string, cause?: unknown): GrantryError {
  const message = `${why} Nobody was signed in. Start again at the sign-in page.`
  return new GrantryError("AUTHORIZATION_REFUSED", 400, message, { cause })
}

/** The provider's own words. */
export function providerRefused(name: string, error: string, description: string | undefined): GrantryError {
  const words = description === undefined ? "" : `: ${scrubProviderText(description, maxShown)}`
  const message = `${name} answered ${scrubProviderText(error, maxShown)}${words}. Nobody was signed in.`
  return new GrantryError("AUTHORIZATION_DENIED", 400, message)
}

/** The same whether the address is a member's or nobody's: who asks has shown to own no account here. */
export function nobodyHere(name: string): GrantryError {
  const message = `No member here signs in with this account of ${name}. If you have a password here, sign in with it and link ${name} on your account's page; else ask an owner or admin of a workspace to invite you.`
  return new GrantryError("SIGN_IN_REFUSED", 403, message)
}

export function addressUnproven(name: string): GrantryError {
  const message = `${name} does not say that your e-mail address is verified, so that no account can be made or found by it. If you have a password here, sign in with it and link ${name} on your account's page; else ask whoever runs ${name}.`
  return new GrantryError("SIGN_IN_REFUSED", 403, message)
}

export function linkedElsewhere(name: string): GrantryError {
  const message = `This account of ${name} signs in another member already. Sign in with it, or unlink it there first.`
  return new GrantryError("ALREADY_MEMBER", 409, message)
}

export function linkedAlready(name: string): GrantryError {
  const message = `Another account of ${name} is linked with yours. Unlink it first.`
  return new GrantryError("ALREADY_MEMBER", 409, message)
}

export function lastSignIn(name: string): GrantryError {
  const message = `You have no password: without ${name} you could not sign in any more. It stays linked.`
  return new GrantryError("LAST_SIGN_IN", 409, message)
}
