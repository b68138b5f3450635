/** The process `grantry`. */
import { type Command, CommanderError } from "commander"
import { describeError, withoutKeys } from "./describe-error.ts"
import { readEnvironment } from "./environment.ts"
import { createProgram } from "./program.ts"
import { createOutput } from "./terminal/output.ts"
import { defaultUrl } from "./credentials/choose-credential.ts"

const streams = { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr }
const words = process.argv.slice(2)

// Whoever reads may stop: `grantry audit list | head` has done its work.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error
  process.exit()
})

const program = createProgram({
  env: readEnvironment(),
  cwd: process.cwd(),
  streams,
  setExitCode(code) {
    process.exitCode = code
  },
})

try {
  throwInsteadOfExit(program)
  await program.parseAsync(words, { from: "user" })
} catch (error) {
  process.exitCode = report(error)
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Help and the version are no errors; of everything else commander has told the person already.
    if (error.exitCode === 0) return 0
    if (!words.includes("--json")) return 2
  }
  const at = words.indexOf("--url")
  const description = describeError(error, (at >= 0 ? words[at + 1] : undefined) ?? defaultUrl)
  createOutput(streams, words.includes("--json")).error(description)
  return description.exitCode
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride()
  const isSilent = words.includes("--json")
  command.configureOutput({
    writeErr(text) {
      if (!isSilent) streams.stderr.write(withoutKeys(text))
    },
  })
  for (const one of command.commands) throwInsteadOfExit(one)
}
