/** `grantry connectors list-available` */
import type { Command } from "commander"
import type { Process } from "../context.ts"
import { table } from "../terminal/table.ts"
import { leaf } from "./command.ts"

export function listAvailableCommand(process: Process): Command {
  const facts = {
    usage: "list-available",
    description: "List every connector type that the server knows",
    examples: ["grantry connectors list-available", "grantry connectors list-available --json"],
  }
  return leaf(process, facts, async (context) => {
    const { output } = context
    const integrations = await (await context.client()).sharedConnections.available()
    output.result({ integrations })
    output.line(
      table([
        ["TYPE", "SERVICE", "NEEDS BEFORE CONSENT"].map((title) => output.style("dim", title)),
        ...integrations.map(({ connection_config_fields: fields, display_name, integration_type }) => [
          integration_type,
          display_name,
          fields.map(({ name, required }) => (required ? name : `${name} (optional)`)).join(", "),
        ]),
      ]),
    )
  })
}
