import { GrantryError } from "../../errors.ts"

/** The same for a wrong code, an old one and one that was used. */
export function codeRefused(): GrantryError {
  const message =
    "The code is wrong, too old or was used already. Enter the next one that your authenticator app shows."
  return new GrantryError("SIGN_IN_REFUSED", 401, message)
}

export function signInOver(): GrantryError {
  const message = "No sign-in waits for a code in this browser, or it waited too long. Sign in again."
  return new GrantryError("SIGN_IN_OVER", 401, message)
}

export function tooManyCodes(): GrantryError {
  return new GrantryError("SIGN_IN_OVER", 401, "Five codes were wrong. Sign in again.")
}

export function alreadyOn(): GrantryError {
  return notNow("The second factor is on already. Turn it off first to set it up anew.")
}

export function notOn(): GrantryError {
  return notNow("The second factor is not on. Begin with setting it up.")
}

export function noPassword(): GrantryError {
  return notNow(
    "You sign in without a password here: a second factor is asked for after one. Turn it on where you sign in instead.",
  )
}

function notNow(message: string): GrantryError {
  return new GrantryError("INVALID_REQUEST", 400, message)
}
