/** `grantry workspaces set-plan`: by whoever runs the server, on its machine. */
import type { Command } from "commander"
import { CliError, usageError } from "../cli-error.ts"
import type { Process } from "../context.ts"
import { leaf } from "./command.ts"
import { type DatabaseOptions, flagsOf, noDatabase, withDatabase } from "./server-database.ts"

export function setPlanCommand(process: Process): Command {
  const facts = {
    usage: "set-plan <id> <plan>",
    description:
      "Set a workspace's plan, which counts where GRANTRY_REQUIRED_PLAN is set; the server goes on serving. Needs the server's own environment",
    examples: ["grantry workspaces set-plan ws_1a2b3c builder"],
    local: true,
  }
  const command = leaf<DatabaseOptions>(
    process,
    facts,
    async ({ env, output }, options, id = "", plan = "") => {
      const { isPlan, plans, setWorkspacePlan } = await import("@grantry/server")
      if (!isPlan(plan)) throw usageError(`There is no plan "${plan}".`, `The plans are ${plans.join(", ")}.`)
      const changed = await setWorkspacePlan({ env, flags: flagsOf(options) }, id, plan)
      if (!changed) throw noDatabase()
      if (changed === "no_workspace")
        throw new CliError(`There is no workspace ${id} in this database.`, {
          code: "NOT_FOUND",
          hints: ["Its members see its id with `grantry workspaces list`."],
        })
      output.result({ workspace_id: id, plan, before: changed.before })
      output.line(`The plan of ${id} is ${plan} now; it was ${changed.before}.`)
    },
  )
  return withDatabase(command)
}
