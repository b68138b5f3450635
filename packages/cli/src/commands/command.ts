/** How every command is declared: with a description, examples, and the options that all of them take. */
import { Command } from "commander"
import { type CommonOptions, type Context, createContext, type Process } from "../context.ts"

export interface CommandFacts {
  /** With its arguments, as commander writes them: `create <name>`. */
  readonly usage: string
  readonly description: string
  /** What to type, and what comes of it. */
  readonly examples: readonly string[]
  /** It calls no server. */
  readonly local?: boolean
}

/** @param run gets the arguments in order, then the options */
export function leaf<Given extends CommonOptions>(
  process: Process,
  facts: CommandFacts,
  run: (context: Context, options: Given, ...given: string[]) => Promise<void>,
): Command {
  const command = withExamples(new Command(), facts)
  const [name = "", ...rest] = facts.usage.split(" ")
  command.name(name)
  if (rest.length > 0) command.arguments(rest.join(" "))
  if (facts.local !== true)
    command.option("--url <url>", "the server (GRANTRY_URL; else that of the last login)")
  command.option("--json", "print nothing but the result, as JSON")
  return command.action(async (...given: unknown[]) => {
    const options = command.opts<Given>()
    const words = given.slice(0, command.registeredArguments.length) as string[]
    await run(createContext(process, options), options, ...words)
  })
}

export function group(facts: CommandFacts, ...commands: readonly Command[]): Command {
  const command = withExamples(new Command(facts.usage), facts)
  for (const one of commands) command.addCommand(one)
  return command
}

/** The option of commands that are about one app. */
export function appOption(command: Command): Command {
  return command.option("--app <id>", "the app (GRANTRY_APP_ID; else .grantry.json or base44/.app.jsonc)")
}

export function dirOption(command: Command): Command {
  return command.option("--dir <folder>", "the folder with the connector files (base44/connectors)")
}

function withExamples(command: Command, { description, examples }: CommandFacts): Command {
  const lines = examples.map((example) => `  $ ${example}`).join("\n")
  return command
    .description(description)
    .addHelpText("after", `\n${examples.length > 1 ? "Examples" : "Example"}:\n${lines}`)
    .showHelpAfterError("(add --help for the options and an example)")
    .allowExcessArguments(false)
}
