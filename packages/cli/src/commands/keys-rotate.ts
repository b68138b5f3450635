/** `grantry keys rotate` */
import type { Command } from "commander"
import { CliError } from "../cli-error.ts"
import type { CommonOptions, Process } from "../context.ts"
import { leaf } from "./command.ts"

interface RotateOptions extends CommonOptions {
  readonly dataDir?: string
  readonly databaseUrl?: string
}

export function rotateKeysCommand(process: Process): Command {
  const facts = {
    usage: "rotate",
    description:
      "Wrap every data key under the first key of GRANTRY_MASTER_KEY, while the server goes on serving. Needs the server's own environment",
    examples: [
      "GRANTRY_MASTER_KEY=new:…,old:… grantry keys rotate",
      "grantry keys rotate --database-url file:/var/lib/grantry/grantry.db",
    ],
    local: true,
  }
  return leaf<RotateOptions>(process, facts, async ({ env, output }, { dataDir, databaseUrl }) => {
    const { rotateMasterKey } = await import("@grantry/server")
    const rotated = await rotateMasterKey(env, {
      ...(dataDir !== undefined && { "data-dir": dataDir }),
      ...(databaseUrl !== undefined && { "database-url": databaseUrl }),
    })
    if (!rotated)
      throw new CliError("There is no database yet: nothing to rotate.", {
        code: "NO_DATABASE",
        hints: ["Run it where the server runs, or name its data folder with --data-dir."],
      })
    const { masterKey, retired, rewrapped, unreadable } = rotated
    output.result({ master_key: masterKey, rewrapped, retired, unreadable })
    output.line(`${rewrapped} data keys are wrapped by "${masterKey}" now.`)
    if (retired.length > 0)
      output.line(`Nothing needs ${retired.join(", ")} any more: it may leave GRANTRY_MASTER_KEY.`)
    if (unreadable.length > 0)
      throw new CliError(`${unreadable.length} data keys open with none of the configured master keys.`, {
        code: "DATA_KEYS_UNREADABLE",
        hints: ["Add the master key that wrapped them and run this again. They were left as they are."],
      })
  })
    .option("--data-dir <folder>", "the server's data folder (GRANTRY_DATA_DIR)")
    .option("--database-url <url>", "the server's database, without a password in it (GRANTRY_DATABASE_URL)")
}
