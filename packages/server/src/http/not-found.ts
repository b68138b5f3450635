import { GrantryError } from "../errors.ts"

export function notFound(what: string): GrantryError {
  return new GrantryError("NOT_FOUND", 404, `There is no such ${what}.`)
}
