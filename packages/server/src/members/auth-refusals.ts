/** What better-auth refuses, in our own words and codes. */
import { unauthorized } from "../callers/caller.ts"
import { GrantryError } from "../errors.ts"
import { alreadyOn, codeRefused, notOn, signInOver, tooManyCodes } from "./second-factor/refusals.ts"

export function refusalOf(status: number, text: string): GrantryError {
  const { code, message } = parse(text)
  const known = refusals[code]
  if (known) return known()
  if (code.startsWith("USER_ALREADY_EXISTS"))
    return new GrantryError(
      "ALREADY_MEMBER",
      409,
      "There is a member with this address already. Sign in instead.",
    )
  if (status === 401) return unauthorized()
  // Of one backup code that comes twice at once, one counts.
  if (status === 409) return codeRefused()
  if (status >= 500)
    return new GrantryError(
      "INTERNAL_ERROR",
      500,
      "Signing in failed inside Grantry. The request id finds it in the server's log.",
      {
        cause: new Error(`better-auth answered ${status} ${code}: ${message}`),
      },
    )
  return new GrantryError("INVALID_REQUEST", status === 422 ? 422 : 400, `${message}.`)
}

const refusals: Readonly<Record<string, () => GrantryError>> = {
  INVALID_EMAIL_OR_PASSWORD: signInRefused,
  INVALID_PASSWORD: passwordRefused,
  INVALID_CODE: codeRefused,
  INVALID_BACKUP_CODE: codeRefused,
  INVALID_TWO_FACTOR_COOKIE: signInOver,
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: tooManyCodes,
  TOTP_ALREADY_ENABLED: alreadyOn,
  TOTP_NOT_ENABLED: notOn,
  TWO_FACTOR_NOT_ENABLED: notOn,
}

/** Of somebody who is signed in. */
export function passwordRefused(): GrantryError {
  return new GrantryError("SIGN_IN_REFUSED", 400, "The current password is wrong.")
}

/** The same whether the address is unknown, has no password, or the password is wrong. */
export function signInRefused(): GrantryError {
  return new GrantryError("SIGN_IN_REFUSED", 401, "The e-mail address or the password is wrong.")
}

function parse(text: string): { readonly code: string; readonly message: string } {
  const body: unknown = text.startsWith("{") ? JSON.parse(text) : {}
  const { code, message } = body as { code?: unknown; message?: unknown }
  return {
    code: typeof code === "string" ? code : "",
    message: typeof message === "string" ? message.replace(/\.$/, "") : "The request was refused",
  }
}
