/** Which workspace a command is about. */
import type { MembersClient } from "@grantry/sdk/members"
import type { Workspace } from "@grantry/sdk/wire"
import { CliError, usageError } from "../cli-error.ts"

/** @throws CliError when none is named and the credential opens several, or not the one that is */
export async function chooseWorkspace(
  client: Pick<MembersClient, "workspaces" | "apps">,
  named: { readonly workspace?: string; readonly app?: string },
): Promise<Workspace> {
  const workspaces = await client.workspaces.list()
  const wanted =
    named.workspace ??
    (named.app === undefined ? undefined : (await client.apps.get(named.app)).organization_id)
  const [only, ...others] = workspaces
  if (wanted === undefined && only && others.length === 0) return only
  const yours = `Your workspaces: ${workspaces.map(({ id, name }) => `${id} (${name})`).join(", ")}`
  if (wanted === undefined) throw usageError("Which workspace?", "Name it with --workspace ID", yours)
  const found = workspaces.find(({ id }) => id === wanted)
  if (!found)
    throw new CliError(`There is no such workspace: ${wanted}`, { code: "NOT_FOUND", hints: [yours] })
  return found
}
