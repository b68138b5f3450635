import { GrantryError } from "../../errors.ts"

export function notFound(what: string): GrantryError {
  return new GrantryError("NOT_FOUND", 404, `There is no such ${what}.`)
}

export function personalWorkspace(): GrantryError {
  const message =
    "This is a personal workspace: it is deleted with its member's account, and not before (POST /api/auth/delete-user)."
  return new GrantryError("LAST_OWNER", 409, message)
}
