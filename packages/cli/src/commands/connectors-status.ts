/** `grantry connectors status` */
import type { IntegrationStatus } from "@grantry/sdk/wire"
import type { Command } from "commander"
import type { CommonOptions, Process } from "../context.ts"
import { table } from "../terminal/table.ts"
import { appOption, leaf } from "./command.ts"

const colours = { active: "green", expired: "yellow", disconnected: "dim" } as const satisfies Record<
  IntegrationStatus,
  string
>

export function statusCommand(process: Process): Command {
  const facts = {
    usage: "status",
    description: "Show the app's shared connections; `expired` means that somebody has to consent again",
    examples: ["grantry connectors status", "grantry connectors status --app app_1a2b3c --json"],
  }
  return appOption(
    leaf<CommonOptions & { readonly app?: string }>(process, facts, async (context, options) => {
      const { output } = context
      const app = await context.app(options.app)
      const integrations = await (await context.client()).sharedConnections.list(app.id)
      output.result({ app: app.id, integrations })
      if (integrations.length === 0) return output.line(`Nothing is connected in ${app.id}.`)
      output.line(
        table([
          ["TYPE", "STATUS", "ACCOUNT", "SCOPES"].map((title) => output.style("dim", title)),
          ...integrations.map(({ integration_type, scopes, status, user_email }) => [
            integration_type,
            output.style(colours[status], status),
            user_email ?? "",
            scopes.join(" "),
          ]),
        ]),
      )
    }),
  )
}
