/** How a person is told which app user asked. */
import type { AppUserCaller } from "../callers/caller.ts"

/**
 * The e-mail address comes first: a name is often the user's own to choose, and could be somebody else's address. Marks
 * that turn the direction of text or do not show are taken out, so that nothing looks like what it is not.
 */
export function shownUser({ email, name, userId }: Pick<AppUserCaller, "email" | "name" | "userId">): string {
  const main = shown(email ?? userId)
  const beside = name === null ? "" : shown(name)
  return beside === "" || beside === main ? main : `${main} (${beside})`
}

function shown(text: string): string {
  const plain = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .trim()
  return plain.length > 120 ? `${plain.slice(0, 119)}…`.toWellFormed() : plain
}
