/** The connector files of a project: all of them are sound, or none is used. */
import { existsSync } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import { join, relative, resolve } from "node:path"
import { usageError } from "../cli-error.ts"
import { findProjectRoot, readProjectSetting } from "../project/project-folder.ts"
import { type ConnectorFile, parseConnectorFile } from "./parse-connector-file.ts"
import { type Problem, problemsError } from "./problem.ts"
import { positionAt } from "./source-position.ts"

/** Absolute path of the folder with the connector files; it need not exist. */
export async function connectorsFolder(cwd: string, dir: string | undefined): Promise<string> {
  if (dir !== undefined) return resolve(cwd, dir)
  const root = findProjectRoot(cwd)
  const named = await readProjectSetting(root, "connectorsDir")
  const usual = join(root, "base44", named ?? "connectors")
  const short = join(root, "connectors")
  return !existsSync(usual) && existsSync(short) ? short : usual
}

/** @throws CliError with every problem found, or when a folder that was named is not there */
export async function readConnectorFiles(
  cwd: string,
  dir: string | undefined,
): Promise<{ readonly folder: string; readonly files: readonly ConnectorFile[] }> {
  const folder = await connectorsFolder(cwd, dir)
  if (!existsSync(folder)) {
    if (dir === undefined) return { folder, files: [] }
    throw usageError(`There is no folder ${dir}.`, "--dir names the folder with the connector files.")
  }
  const names = (await readdir(folder)).filter((name) => /\.jsonc?$/.test(name)).toSorted()
  const parsed = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      return parseConnectorFile({ path, file: relative(cwd, path), text: await readFile(path, "utf8") })
    }),
  )
  const files = parsed.flatMap(({ connector }) => connector ?? [])
  const problems = [...parsed.flatMap((one) => one.problems), ...duplicates(files)]
  if (problems.length > 0) throw problemsError(problems)
  return { folder, files }
}

function duplicates(files: readonly ConnectorFile[]): readonly Problem[] {
  const first = new Map<string, ConnectorFile>()
  return files.flatMap((one) => {
    const { file, text, type } = one
    const other = first.get(type.value)
    if (!other) {
      first.set(type.value, one)
      return []
    }
    const message = `the type "${type.value}" stands in ${other.file} too; remove one of the two`
    return [{ file, ...positionAt(text, type.offset), message }]
  })
}
