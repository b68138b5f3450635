/** The database of a server on this machine, for the commands of whoever runs it. */
import type { Flags } from "@grantry/server"
import type { Command } from "commander"
import { CliError } from "../cli-error.ts"
import type { CommonOptions } from "../context.ts"

export interface DatabaseOptions extends CommonOptions {
  readonly dataDir?: string
  readonly databaseUrl?: string
}

export function withDatabase(command: Command): Command {
  return command
    .option("--data-dir <folder>", "the server's data folder (GRANTRY_DATA_DIR)")
    .option("--database-url <url>", "the server's database, without a password in it (GRANTRY_DATABASE_URL)")
}

export function flagsOf({ dataDir, databaseUrl }: DatabaseOptions): Flags {
  return {
    ...(dataDir !== undefined && { "data-dir": dataDir }),
    ...(databaseUrl !== undefined && { "database-url": databaseUrl }),
  }
}

export function noDatabase(): CliError {
  return new CliError("There is no database yet: nothing to do.", {
    code: "NO_DATABASE",
    hints: ["Run it where the server runs, or name its data folder with --data-dir."],
  })
}
