/** `grantry members …` */
import type { Command } from "commander"
import { usageError } from "../cli-error.ts"
import type { CommonOptions, Process } from "../context.ts"
import { confirm } from "../terminal/ask.ts"
import { table } from "../terminal/table.ts"
import { chooseWorkspace } from "./choose-workspace.ts"
import { group, leaf } from "./command.ts"
import { followJob } from "./watch-job.ts"

interface MemberOptions extends CommonOptions {
  readonly workspace?: string
}

interface RemoveOptions extends MemberOptions {
  readonly disconnect?: boolean
  readonly watch?: boolean
  readonly yes?: boolean
}

export function membersCommand(process: Process): Command {
  return group(
    {
      usage: "members",
      description: "Who belongs to a workspace",
      examples: [
        "grantry members list --workspace ws_1a2b3c",
        "grantry members remove mem_1a2b3c --disconnect",
      ],
    },
    listMembers(process),
    removeMember(process),
  )
}

function inWorkspace(command: Command): Command {
  return command.option("--workspace <id>", "the workspace; your only one unless told")
}

function listMembers(process: Process): Command {
  const facts = {
    usage: "list",
    description: "List members and invitations",
    examples: ["grantry members list --workspace ws_1a2b3c"],
  }
  return inWorkspace(
    leaf<MemberOptions>(process, facts, async (context, options) => {
      const { output } = context
      const client = await context.client()
      const members = await client.members.list((await chooseWorkspace(client, options)).id)
      output.result({ members })
      output.line(
        table([
          ["ID", "E-MAIL", "ROLE", "STATUS"].map((title) => output.style("dim", title)),
          ...members.map(({ email, id, role, status }) => [id, email, role, status]),
        ]),
      )
    }),
  )
}

function removeMember(process: Process): Command {
  const facts = {
    usage: "remove <id>",
    description: "Remove a member with their keys and sign-ins, or withdraw an invitation",
    examples: [
      "grantry members remove mem_1a2b3c --yes",
      "grantry members remove mem_1a2b3c --disconnect --watch",
    ],
  }
  return inWorkspace(
    leaf<RemoveOptions>(process, facts, async (context, options, id = "") => {
      const { output } = context
      const client = await context.client()
      const workspace = await chooseWorkspace(client, options)
      const theirs = id.startsWith("inv_") ? [] : await client.members.connections(workspace.id, id)
      for (const one of theirs)
        output.note(`  ${one.display_name} of the app ${one.app_id} is connected by them`)
      await askFirst(options, output.interactive, removalOf(id, theirs.length, options))
      const disconnect = options.disconnect === true ? ({ disconnect: "true" } as const) : {}
      const job = await client.members.remove(workspace.id, id, disconnect)
      output.line(`Removed ${id} from ${workspace.name}.`)
      const watched = job && { workspaceId: workspace.id, job, watch: options.watch === true }
      const seen = watched && (await followJob(context, client, watched))
      output.result({ status: "deleted", id, connections: theirs.length, disconnect_job: seen })
    }),
  )
    .option("--disconnect", "also disconnect what they connected for the workspace")
    .option("--watch", "wait until that is done")
    .option("--yes", "do not ask")
}

function removalOf(id: string, connections: number, { disconnect }: RemoveOptions): string {
  if (connections === 0) return `Remove ${id}?`
  const fate = disconnect === true ? "are disconnected too" : "go on working"
  return `Remove ${id}? ${connections} connections that they made ${fate}.`
}

async function askFirst({ yes }: RemoveOptions, interactive: boolean, question: string): Promise<void> {
  if (yes === true) return
  if (!interactive) throw usageError("Removing a member has to be confirmed.", "Without a terminal: --yes")
  if (!(await confirm(question))) throw usageError("Nobody was removed.")
}
