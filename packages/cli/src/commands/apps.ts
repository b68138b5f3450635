/** `grantry apps …` */
import { writeFile } from "node:fs/promises"
import { join, relative } from "node:path"
import type { Command } from "commander"
import type { CommonOptions, Context, Process } from "../context.ts"
import { findProjectRoot, ownFile } from "../project/project-folder.ts"
import { table } from "../terminal/table.ts"
import { group, leaf } from "./command.ts"

export function appsCommand(process: Process): Command {
  return group(
    {
      usage: "apps",
      description: "Your apps: each has its own connections and keys",
      examples: ["grantry apps list", 'grantry apps create "My app" --use'],
    },
    listApps(process),
    createApp(process),
    useApp(process),
  )
}

function listApps(process: Process): Command {
  const facts = { usage: "list", description: "List your apps", examples: ["grantry apps list --json"] }
  return leaf(process, facts, async (context) => {
    const { output } = context
    const apps = await (await context.client()).apps.list()
    output.result({ apps })
    if (apps.length === 0) return output.line("No apps yet. Create one: grantry apps create NAME")
    output.line(
      table([
        ["ID", "NAME", "WORKSPACE", "CREATED"].map((title) => output.style("dim", title)),
        ...apps.map((app) => [app.id, app.name, app.organization_id, app.created_at.slice(0, 10)]),
      ]),
    )
  })
}

interface CreateOptions extends CommonOptions {
  readonly workspace?: string
  readonly use?: boolean
}

function createApp(process: Process): Command {
  const facts = {
    usage: "create <name>",
    description: "Create an app",
    examples: ['grantry apps create "My app" --use'],
  }
  return leaf<CreateOptions>(process, facts, async (context, { use, workspace }, name = "") => {
    const request = { name, ...(workspace !== undefined && { organization_id: workspace }) }
    const app = await (await context.client()).apps.create(request)
    context.output.result(app)
    context.output.line(`Created the app ${app.name}: ${context.output.style("bold", app.id)}`)
    if (use === true) return writeChoice(context, app.id)
    context.output.note(`Use it in this folder: grantry apps use ${app.id}`)
  })
    .option("--workspace <id>", "the workspace; your personal one unless told")
    .option("--use", `write the choice into ${ownFile}`)
}

function useApp(process: Process): Command {
  const facts = {
    usage: "use <id>",
    description: `Choose the app of this project: writes ${ownFile}`,
    examples: ["grantry apps use app_1a2b3c"],
  }
  return leaf(process, facts, async (context, _options, id = "") => {
    const app = await (await context.client()).apps.get(id)
    context.output.result({ app: app.id, file: ownFile })
    await writeChoice(context, app.id)
  })
}

/** It names no server: a project from elsewhere must not choose where credentials go. */
async function writeChoice({ cwd, output }: Context, app: string): Promise<void> {
  const path = join(findProjectRoot(cwd), ownFile)
  await writeFile(path, `${JSON.stringify({ app }, null, 2)}\n`)
  output.line(`Wrote ${relative(cwd, path)}: commands in this project are about ${app} from now on.`)
}
