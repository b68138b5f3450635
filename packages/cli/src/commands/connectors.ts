/** `grantry connectors …` */
import type { Command } from "commander"
import type { Process } from "../context.ts"
import { group } from "./command.ts"
import { checkCommand } from "./connectors-check.ts"
import { disconnectCommand } from "./connectors-disconnect.ts"
import { initiateCommand } from "./connectors-initiate.ts"
import { listAvailableCommand } from "./connectors-list-available.ts"
import { pullCommand } from "./connectors-pull.ts"
import { pushCommand } from "./connectors-push.ts"
import { statusCommand } from "./connectors-status.ts"

export function connectorsCommand(process: Process): Command {
  return group(
    {
      usage: "connectors",
      description: "An app's shared connections, and the files that declare them",
      examples: ["grantry connectors push", "grantry connectors status"],
    },
    listAvailableCommand(process),
    initiateCommand(process),
    pushCommand(process),
    pullCommand(process),
    statusCommand(process),
    disconnectCommand(process),
    checkCommand(process),
  )
}
