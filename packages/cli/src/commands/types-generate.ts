/** `grantry types generate` */
import { relative, resolve } from "node:path"
import type { Command } from "commander"
import { readConnectorFiles } from "../connector-files/read-connector-files.ts"
import type { CommonOptions, Context, Process } from "../context.ts"
import { findProjectRoot } from "../project/project-folder.ts"
import { declarationText } from "../types/declaration-text.ts"
import { includeInTsconfig } from "../types/include-in-tsconfig.ts"
import { writeIfChanged } from "../types/write-if-changed.ts"
import { appOption, dirOption, group, leaf } from "./command.ts"

interface GenerateOptions extends CommonOptions {
  readonly app?: string
  readonly dir?: string
  readonly out?: string
  readonly fromApp?: boolean
}

const usualFile = "base44/.types/connectors.d.ts"

export function typesCommand(process: Process): Command {
  return group(
    {
      usage: "types",
      description: "TypeScript declarations for a project",
      examples: ["grantry types generate"],
    },
    appOption(dirOption(leaf<GenerateOptions>(process, generateFacts, generate)))
      .option("--out <file>", `the file to write (${usualFile})`)
      .option("--from-app", "take the types from the app instead of the connector files"),
  )
}

const generateFacts = {
  usage: "generate",
  description:
    "Write the declarations with which a misspelt connector type does not compile, and add their folder to tsconfig.json. Works offline from the connector files; without any it asks the app",
  examples: ["grantry types generate", "grantry types generate --from-app --out types/connectors.d.ts"],
}

async function generate(context: Context, options: GenerateOptions): Promise<void> {
  const { cwd, output } = context
  const root = findProjectRoot(cwd)
  const path = options.out === undefined ? resolve(root, usualFile) : resolve(cwd, options.out)
  const { from, types } = await typesOf(context, options)
  const isWritten = await writeIfChanged(path, declarationText(types))
  const tsconfig = await includeInTsconfig(root, path)
  output.result({ file: path, types, changed: isWritten, tsconfig })
  const shown = relative(cwd, path)
  output.line(`${shown} ${isWritten ? "holds" : "already holds"} ${types.length} connector types of ${from}.`)
  if (tsconfig === "added") output.line("Added its folder to tsconfig.json.")
  if (tsconfig === "missing")
    output.note(
      `There is no tsconfig.json in ${relative(cwd, root) || "this folder"}: make your compiler read ${shown}.`,
    )
}

async function typesOf(
  context: Context,
  options: GenerateOptions,
): Promise<{ readonly types: readonly string[]; readonly from: string }> {
  if (options.fromApp !== true) {
    const { files } = await readConnectorFiles(context.cwd, options.dir)
    if (files.length > 0)
      return { types: files.map(({ type }) => type.value).toSorted(), from: "the connector files" }
  }
  const app = await context.app(options.app)
  const listed = await (await context.client()).sharedConnections.list(app.id)
  return {
    types: listed.map(({ integration_type }) => integration_type).toSorted(),
    from: `the app ${app.id}`,
  }
}
