/** `grantry connectors disconnect` */
import type { RevocationReceipt } from "@grantry/sdk/wire"
import type { Command } from "commander"
import type { CommonOptions, Process } from "../context.ts"
import { appOption, leaf } from "./command.ts"

interface DisconnectOptions extends CommonOptions {
  readonly app?: string
  readonly forget?: boolean
}

const receipts: Readonly<Record<RevocationReceipt, string>> = {
  revoked: "the provider has revoked the grant",
  pending: "the provider will be told as soon as it answers",
  unsupported: "there was nothing to revoke at the provider, or it has no way to",
  failed: "the provider refused to revoke the grant; end it in the account's own settings there",
  kept_shared: "another live connection uses the same grant, so it stays",
}

export function disconnectCommand(process: Process): Command {
  const facts = {
    usage: "disconnect <type>",
    description: "Destroy the tokens of a shared connection and revoke its grant at the provider",
    examples: ["grantry connectors disconnect slack", "grantry connectors disconnect slack --forget"],
  }
  return appOption(
    leaf<DisconnectOptions>(process, facts, async (context, options, type = "") => {
      const app = await context.app(options.app)
      const { sharedConnections } = await context.client()
      const answer = await (options.forget === true
        ? sharedConnections.remove(app.id, type)
        : sharedConnections.disconnect(app.id, type))
      context.output.result(answer)
      context.output.line(`${type} is disconnected: ${receipts[answer.revoked]}.`)
    }),
  ).option("--forget", "forget its scopes too, so that it is no longer listed")
}
