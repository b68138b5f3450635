/** `grantry disconnect` */
import type { MembersClient } from "@grantry/sdk/members"
import type { DisconnectCovers } from "@grantry/sdk/wire"
import type { Command } from "commander"
import { usageError } from "../cli-error.ts"
import type { CommonOptions, Process } from "../context.ts"
import { chooseWorkspace } from "./choose-workspace.ts"
import { leaf } from "./command.ts"
import { confirmedName } from "./confirmed-name.ts"
import { followJob } from "./watch-job.ts"

interface DisconnectOptions extends CommonOptions {
  readonly workspace?: string
  readonly app?: string
  readonly type?: string
  readonly connector?: string
  readonly user?: string
  readonly member?: string
  readonly confirm?: string
  readonly watch?: boolean
}

export function disconnectEverythingCommand(process: Process): Command {
  const facts = {
    usage: "disconnect",
    description:
      "Disconnect everything of a workspace, an app, a type, a connector, a user or a member, and revoke it",
    examples: [
      'grantry disconnect --app app_1a2b3c --watch --confirm "My app"',
      "grantry disconnect --workspace ws_1a2b3c --type slack --confirm slack",
    ],
  }
  return leaf<DisconnectOptions>(process, facts, async (context, options) => {
    const covers = coversOf(options)
    const client = await context.client()
    const workspace = await chooseWorkspace(client, options)
    const name = await nameOf(client, workspace, covers)
    const confirm = await confirmedName(context, "This disconnects everything of it for good.", {
      confirm: options.confirm,
      name,
    })
    const job = await client.disconnectJobs.start(workspace.id, { ...covers, confirm })
    const watched = { workspaceId: workspace.id, job, watch: options.watch === true }
    context.output.result(await followJob(context, client, watched))
  })
    .option("--workspace <id>", "the workspace; alone: everything in it")
    .option("--app <id>", "of this app only; a project's own choice does not count here")
    .option("--type <type>", "of this connector type only")
    .option("--connector <id>", "of this connector only")
    .option("--user <id>", "of this user of the app only")
    .option("--member <id>", "only what this member consented to")
    .option("--confirm <name>", "the name of what is disconnected, instead of typing it")
    .option("--watch", "wait until it is done")
}

/** Nothing named is not everything: that has to be said. */
function coversOf({ app, connector, member, type, user, workspace }: DisconnectOptions): DisconnectCovers {
  const covers = {
    ...(app !== undefined && { app_id: app }),
    ...(type !== undefined && { integration_type: type }),
    ...(connector !== undefined && { connector_id: connector }),
    ...(user !== undefined && { user_id: user }),
    ...(member !== undefined && { connected_by: member }),
  }
  if (Object.keys(covers).length === 0 && workspace === undefined)
    throw usageError(
      "Say what to disconnect.",
      "--app, --type, --connector, --user with --app, --member; or everything: --workspace ID",
    )
  if (user !== undefined && app === undefined)
    throw usageError("A user belongs to an app.", "Name it with --app ID")
  return covers
}

/** The name that the server asks for: see `StartDisconnectJobRequest`. */
async function nameOf(
  client: MembersClient,
  workspace: { readonly id: string; readonly name: string },
  covers: DisconnectCovers,
): Promise<string> {
  const { app_id, connected_by, connector_id, integration_type, user_id } = covers
  if (connector_id !== undefined) return (await client.connectors.get(workspace.id, connector_id)).name
  if (user_id !== undefined) return user_id
  if (connected_by !== undefined) {
    const members = await client.members.list(workspace.id)
    return members.find(({ id }) => id === connected_by)?.email ?? connected_by
  }
  if (integration_type !== undefined) return integration_type
  return app_id === undefined ? workspace.name : (await client.apps.get(app_id)).name
}
