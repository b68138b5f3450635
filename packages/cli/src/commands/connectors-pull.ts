/** `grantry connectors pull` */
import { relative } from "node:path"
import type { Command } from "commander"
import { connectorsFolder, readConnectorFiles } from "../connector-files/read-connector-files.ts"
import { writeConnectorFiles } from "../connector-files/write-connector-files.ts"
import type { CommonOptions, Context, Process } from "../context.ts"
import { appOption, dirOption, leaf } from "./command.ts"
import { existsSync } from "node:fs"

interface PullOptions extends CommonOptions {
  readonly app?: string
  readonly dir?: string
}

export function pullCommand(process: Process): Command {
  const facts = {
    usage: "pull",
    description: "Bring the connector files to what the app has; files that did not change are not touched",
    examples: ["grantry connectors pull", "grantry connectors pull --app app_1a2b3c --dir connectors"],
  }
  return appOption(dirOption(leaf<PullOptions>(process, facts, pull)))
}

async function pull(context: Context, options: PullOptions): Promise<void> {
  const { cwd, output } = context
  const app = await context.app(options.app)
  const folder = await connectorsFolder(cwd, options.dir)
  const { files } = existsSync(folder) ? await readConnectorFiles(cwd, options.dir) : { files: [] }
  const remote = await (await context.client()).sharedConnections.list(app.id)
  const { deleted, written } = await writeConnectorFiles(folder, files, remote)
  output.result({ app: app.id, folder, pulled: remote.length, written, deleted })
  for (const type of written) output.line(`${output.style("green", "written")}  ${type}`)
  for (const type of deleted) output.line(`${output.style("red", "deleted")}  ${type}`)
  const place = relative(cwd, folder) || "."
  output.line(written.length + deleted.length === 0 ? `${place} is up to date.` : `Pulled into ${place}.`)
}
