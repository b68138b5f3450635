/** All commands. */
import { Command } from "commander"
import packageJson from "../package.json" with { type: "json" }
import { appsCommand } from "./commands/apps.ts"
import { auditCommand } from "./commands/audit.ts"
import { connectorsCommand } from "./commands/connectors.ts"
import { disconnectEverythingCommand } from "./commands/disconnect.ts"
import { doctorCommand } from "./commands/doctor.ts"
import { keysCommand } from "./commands/keys.ts"
import { loginCommand, logoutCommand, whoamiCommand } from "./commands/login.ts"
import { membersCommand } from "./commands/members.ts"
import { serveCommand } from "./commands/serve.ts"
import { typesCommand } from "./commands/types-generate.ts"
import { workspacesCommand } from "./commands/workspaces.ts"
import type { Process } from "./context.ts"

const examples = `
Examples:
  $ grantry serve                       a server with a sandbox of every provider, on an embedded database
  $ grantry login                       sign in to it in the browser
  $ grantry apps create "My app" --use  an app, chosen for this folder
  $ grantry connectors push             connect what base44/connectors/*.jsonc declare
  $ grantry types generate              connector types that the compiler knows

Exit codes: 0 done, 1 failed, 2 the command was not understood.`

export function createProgram(process: Process): Command {
  const program = new Command("grantry")
    .description("Connect accounts once, fetch fresh access tokens in one call")
    .version(packageJson.version)
    .addHelpText("after", examples)
    .showHelpAfterError("(add --help for the commands)")
  const commands = [
    serveCommand(),
    loginCommand(process),
    logoutCommand(process),
    whoamiCommand(process),
    appsCommand(process),
    keysCommand(process),
    connectorsCommand(process),
    disconnectEverythingCommand(process),
    membersCommand(process),
    workspacesCommand(process),
    typesCommand(process),
    auditCommand(process),
    doctorCommand(process),
  ]
  for (const command of commands) program.addCommand(command)
  return program
}
