/** What ends much at once is confirmed with its name: typed by a person, or given with --confirm. */
import { usageError } from "../cli-error.ts"
import type { Context } from "../context.ts"
import { askText } from "../terminal/ask.ts"

/**
 * @param what for people: what happens
 * @returns the name to send
 * @throws CliError when nobody confirms it
 */
export async function confirmedName(
  { output }: Pick<Context, "output">,
  what: string,
  { confirm, name }: { readonly confirm: string | undefined; readonly name: string },
): Promise<string> {
  const given =
    confirm ?? (output.interactive ? await askText(`${what} Type ${name} to confirm.`) : undefined)
  if (given === name) return name
  const message =
    given === undefined ? `${what} That needs to be confirmed.` : `That is not its name: ${given}`
  throw usageError(message, `Confirm it with its name: --confirm ${JSON.stringify(name)}`)
}
