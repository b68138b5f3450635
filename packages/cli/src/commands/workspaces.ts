/** `grantry workspaces …` */
import type { MembersClient } from "@grantry/sdk/members"
import type { WorkspaceClosure } from "@grantry/sdk/wire"
import type { Command } from "commander"
import type { CommonOptions, Context, Process } from "../context.ts"
import { table } from "../terminal/table.ts"
import { waitFor } from "../terminal/wait.ts"
import { chooseWorkspace } from "./choose-workspace.ts"
import { group, leaf } from "./command.ts"
import { confirmedName } from "./confirmed-name.ts"
import { receiptsOf } from "./watch-job.ts"
import { setPlanCommand } from "./workspaces-set-plan.ts"

export function workspacesCommand(process: Process): Command {
  return group(
    {
      usage: "workspaces",
      description: "Your workspaces: each has its own apps, connectors, members and keys",
      examples: [
        "grantry workspaces list",
        'grantry workspaces delete ws_1a2b3c --watch --confirm "Old team"',
      ],
    },
    listWorkspaces(process),
    deleteWorkspace(process),
    setPlanCommand(process),
  )
}

function listWorkspaces(process: Process): Command {
  const facts = {
    usage: "list",
    description: "List your workspaces, the personal one first",
    examples: ["grantry workspaces list --json"],
  }
  return leaf(process, facts, async (context) => {
    const { output } = context
    const workspaces = await (await context.client()).workspaces.list()
    output.result({ workspaces })
    output.line(
      table([
        ["ID", "NAME", "YOUR ROLE"].map((title) => output.style("dim", title)),
        ...workspaces.map(({ id, name, user_role }) => [id, name, user_role]),
      ]),
    )
  })
}

interface DeleteOptions extends CommonOptions {
  readonly confirm?: string
  readonly force?: boolean
  readonly watch?: boolean
}

function deleteWorkspace(process: Process): Command {
  const facts = {
    usage: "delete <id>",
    description: "Disconnect and revoke everything in a workspace, then destroy it with its keys",
    examples: ['grantry workspaces delete ws_1a2b3c --watch --confirm "Old team"'],
  }
  return leaf<DeleteOptions>(process, facts, async (context, options, id = "") => {
    const client = await context.client()
    const workspace = await chooseWorkspace(client, { workspace: id })
    const what = "This deletes the workspace with everything in it, for good."
    const confirm = await confirmedName(context, what, { confirm: options.confirm, name: workspace.name })
    const started = await client.workspaces.delete(workspace.id, {
      confirm,
      ...(options.force === true && { force: "true" }),
    })
    const { secret } = started
    const seen = options.watch === true ? await watchClosure(context, client, secret) : started
    context.output.result({ ...seen, secret })
    context.output.line(describe(seen))
    if (seen.status === "closing")
      context.output.note(`How it goes on: ${await context.url()}/api/workspace/closures/${secret}`)
  })
    .option("--confirm <name>", "the workspace's name, instead of typing it")
    .option("--force", "shred at once, whatever the providers still have to be told")
    .option("--watch", "wait until nothing of it is left")
}

const everyMs = 500
const forMs = 2 * 24 * 3_600_000

async function watchClosure(
  { output, streams }: Context,
  { workspaces }: MembersClient,
  secret: string,
): Promise<WorkspaceClosure> {
  let seen = await workspaces.closure(secret)
  const look = async () => {
    seen = await workspaces.closure(secret)
    return seen.status === "shredded" ? seen : undefined
  }
  const text = "Disconnecting, revoking, shredding"
  await waitFor(streams, output.interactive, { text, look, everyMs, forMs, canSkip: true })
  return seen
}

function describe({ connections, revocations, status, workspace_id }: WorkspaceClosure): string {
  const { done, total } = connections
  const state = status === "shredded" ? "is gone, and its keys are destroyed" : "is closed"
  return `${workspace_id} ${state}: ${done} of ${total} connections disconnected; ${receiptsOf(revocations)}.`
}
