/** Which types a check is about. */
import { nearestNames } from "@grantry/catalog"
import type { MembersClient } from "@grantry/sdk/members"
import { CliError, usageError } from "../cli-error.ts"

export interface TypeChoice {
  readonly type?: readonly string[]
  readonly all?: boolean
  readonly sandbox?: boolean
}

export async function chooseTypes(
  client: MembersClient,
  appId: string,
  { all, sandbox, type: named }: TypeChoice,
): Promise<readonly string[]> {
  const served = await client.apps.redirectUris(appId)
  const own = served.flatMap((one) => (one.credential_source === "sandbox" ? [] : [one.integration_type]))
  const emulated = served.flatMap((one) =>
    one.credential_source === "sandbox" ? [one.integration_type] : [],
  )
  const wanted = named?.flatMap((one) => one.split(",")).filter((one) => one !== "")
  if (wanted) {
    for (const type of wanted) refuseUnserved(type, { own, emulated, sandbox: sandbox === true })
    return wanted
  }
  const types = [...(all === true ? own : []), ...(sandbox === true ? emulated : [])]
  if (types.length > 0) return types
  throw new CliError("No connector type has an OAuth client of yours.", {
    code: "NO_OAUTH_CLIENT",
    hints: ["Register one (docs/connectors), or check the emulated providers with --sandbox."],
  })
}

interface Served {
  readonly own: readonly string[]
  readonly emulated: readonly string[]
  readonly sandbox: boolean
}

function refuseUnserved(type: string, { emulated, own, sandbox }: Served): void {
  if (own.includes(type) || (sandbox && emulated.includes(type))) return
  if (emulated.includes(type))
    throw usageError(
      `${type} has no OAuth client of yours: the sandbox serves it.`,
      "Add --sandbox to check the emulated provider.",
    )
  const nearest = nearestNames(
    type,
    [...own, ...emulated].map((name) => ({ name, alsoKnownAs: name })),
    3,
  )
  throw usageError(
    `There is no OAuth client for "${type}", or no such type.`,
    nearest.length > 0
      ? `Did you mean ${nearest.join(", ")}?`
      : "grantry connectors list-available shows all types.",
  )
}
