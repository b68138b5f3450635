/** Brings the files to what the app has; what did not change keeps its comments, and so does the rest of what did. */
import { mkdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { SharedConnection } from "@grantry/sdk/wire"
import { findNodeAtLocation, parseTree } from "jsonc-parser"
import { compareScopes } from "./compare.ts"
import type { ConnectorFile } from "./parse-connector-file.ts"

export interface Written {
  /** Types whose file is new or other than before. */
  readonly written: readonly string[]
  readonly deleted: readonly string[]
}

export async function writeConnectorFiles(
  folder: string,
  files: readonly ConnectorFile[],
  remote: readonly SharedConnection[],
): Promise<Written> {
  const byType = new Map(files.map((file) => [file.type.value, file]))
  const written: string[] = []
  for (const { integration_type: type, scopes } of remote) {
    const file = byType.get(type)
    byType.delete(type)
    if (file && isSame(file, scopes)) continue
    await mkdir(folder, { recursive: true })
    await writeFile(
      file?.path ?? join(folder, `${type}.jsonc`),
      file ? withScopes(file, scopes) : newText(type, scopes),
    )
    written.push(type)
  }
  for (const { path } of byType.values()) await rm(path)
  return { written, deleted: [...byType.keys()] }
}

function isSame(file: ConnectorFile, scopes: readonly string[]): boolean {
  // Left to the server: whatever it chose is what the file says.
  if (file.scopes === null) return true
  const { added, removed } = compareScopes(file.scopes, scopes)
  return added.length + removed.length === 0
}

/** Replaces the list alone: a formatter would have to guess where the comments around it begin. */
function withScopes({ text }: ConnectorFile, scopes: readonly string[]): string {
  const tree = parseTree(text, [], { allowTrailingComma: true })
  const list = tree && findNodeAtLocation(tree, ["scopes"])
  if (!list) return text
  const line = text.slice(text.lastIndexOf("\n", list.offset) + 1, list.offset)
  const indent = /^[ \t]*/.exec(line)?.[0] ?? ""
  const written = JSON.stringify(scopes, null, 2).replaceAll("\n", `\n${indent}`)
  return text.slice(0, list.offset) + written + text.slice(list.offset + list.length)
}

function newText(type: string, scopes: readonly string[]): string {
  return `${JSON.stringify({ type, scopes }, null, 2)}\n`
}
