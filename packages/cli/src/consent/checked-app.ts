/** A check must not disturb what an app uses: it gets an app of its own, or one that the person named. */
import type { MembersClient } from "@grantry/sdk/members"
import type { WorkspaceRole } from "@grantry/sdk/wire"
import { CliError } from "../cli-error.ts"
import { onInterrupt } from "../terminal/on-interrupt.ts"

const mayDelete: readonly WorkspaceRole[] = ["owner", "admin"]

export async function withCheckedApp<Result>(
  client: MembersClient,
  named: string | undefined,
  work: (appId: string) => Promise<Result>,
): Promise<Result> {
  if (named !== undefined) return work(named)
  const { id } = await client.apps.create({
    name: "Connector check",
    organization_id: await workspaceToUse(client),
  })
  const removeApp = (): Promise<unknown> => client.apps.delete(id)
  const release = onInterrupt(removeApp)
  try {
    return await work(id)
  } finally {
    release()
    await removeApp()
  }
}

async function workspaceToUse(client: MembersClient): Promise<string> {
  const found = (await client.workspaces.list()).find(({ user_role }) => mayDelete.includes(user_role))
  if (found) return found.id
  throw new CliError("A check makes an app and deletes it afterwards, which only an owner or admin may.", {
    code: "ROLE_REQUIRED",
    hints: ["Name an app to work in: --app ID. Types that are connected there are not touched."],
  })
}
