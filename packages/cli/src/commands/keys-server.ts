/** `grantry keys rotate` and `grantry keys new-epoch`: the server's own keys, on its own machine. */
import type { Command } from "commander"
import { CliError } from "../cli-error.ts"
import type { Process } from "../context.ts"
import { leaf } from "./command.ts"
import { type DatabaseOptions, flagsOf, noDatabase, withDatabase } from "./server-database.ts"

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
  const command = leaf<DatabaseOptions>(process, facts, async ({ env, output }, options) => {
    const { rotateMasterKey } = await import("@grantry/server")
    const rotated = await rotateMasterKey(env, flagsOf(options), ({ done, total }) => {
      if (total > 0) output.note(`${done} of ${total} data keys`)
    })
    if (!rotated) throw noDatabase()
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
  return withDatabase(command)
}

export function newEpochCommand(process: Process): Command {
  const facts = {
    usage: "new-epoch",
    description:
      "Give every workspace a new data key for what is sealed from now on, while the server goes on serving. Old ones go on opening",
    examples: ["grantry keys new-epoch", "grantry keys new-epoch --database-url postgres://db/grantry"],
    local: true,
  }
  const command = leaf<DatabaseOptions>(process, facts, async ({ env, output }, options) => {
    const { renewDataKeys } = await import("@grantry/server")
    const renewed = await renewDataKeys(env, flagsOf(options), (made) =>
      output.note(`${made} workspaces so far`),
    )
    if (!renewed) throw noDatabase()
    output.result(renewed)
    output.line(`${renewed.made} workspaces have a new data key. Running servers use it within ten minutes.`)
  })
  return withDatabase(command)
}
