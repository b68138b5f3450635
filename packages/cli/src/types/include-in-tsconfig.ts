/** Makes a project's compiler read the declarations, and leaves the rest of its `tsconfig.json` as it is. */
import { writeFile } from "node:fs/promises"
import { dirname, join, relative, sep } from "node:path"
import { applyEdits, type JSONPath, modify, parse, type ParseError } from "jsonc-parser"
import { CliError } from "../cli-error.ts"
import { readIfThere } from "./write-if-changed.ts"

const formattingOptions = { tabSize: 2, insertSpaces: true, eol: "\n" }

/** @returns `missing` where there is no tsconfig.json */
export async function includeInTsconfig(
  root: string,
  declarations: string,
): Promise<"added" | "present" | "missing"> {
  const path = join(root, "tsconfig.json")
  const text = await readIfThere(path)
  if (text === undefined) return "missing"
  const next = withInclude(text, globFor(root, declarations))
  if (next === text) return "present"
  await writeFile(path, next)
  return "added"
}

/** The same pattern as the `base44` CLI writes, so that the two do not add to each other's. */
function globFor(root: string, declarations: string): string {
  const folder = relative(root, dirname(declarations)).split(sep).join("/")
  return folder === "" ? "*.d.ts" : `${folder}/*.d.ts`
}

interface Tsconfig {
  readonly include?: unknown
  readonly files?: unknown
}

/** @throws CliError when the file is not JSON with comments */
export function withInclude(text: string, glob: string): string {
  const errors: ParseError[] = []
  const config = parse(text, errors, { allowTrailingComma: true }) as Tsconfig | undefined
  if (errors.length > 0 || typeof config !== "object")
    throw new CliError("tsconfig.json cannot be read.", {
      code: "TSCONFIG_UNREADABLE",
      hints: [`Mend it, or add "${glob}" to its "include" by hand.`],
    })
  const { files, include } = config
  if (!Array.isArray(include)) return edit(text, ["include"], files === undefined ? ["**/*", glob] : [glob])
  return include.includes(glob) ? text : edit(text, ["include", -1], glob)
}

/** Without `include` everything is read except folders whose names begin with a dot: what was read is named with it. */
function edit(text: string, path: JSONPath, value: unknown): string {
  return applyEdits(text, modify(text, path, value, { formattingOptions, isArrayInsertion: path.length > 1 }))
}
