/** Where a project begins and which app it belongs to: our own file, or those of the published `base44` CLI. */
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { parse } from "jsonc-parser"

export interface AppFile {
  readonly path: string
  readonly appId: string
}

/** By precedence; `base44 link` writes the latter ones. */
const appFiles = [
  { name: ".grantry.json", key: "app" },
  { name: "base44/.app.jsonc", key: "id" },
  { name: "base44/.app.json", key: "id" },
  { name: ".app.jsonc", key: "id" },
  { name: ".app.json", key: "id" },
] as const

export const ownFile = appFiles[0].name

/** The nearest file that names an app, here or in a folder above. */
export async function findAppFile(cwd: string): Promise<AppFile | undefined> {
  for (const folder of upwards(cwd)) {
    for (const { key, name } of appFiles) {
      const path = join(folder, name)
      const appId = existsSync(path) ? await readMember(path, key) : undefined
      if (appId !== undefined) return { path, appId }
    }
  }
  return undefined
}

const projectMarks = [
  ...appFiles.map(({ name }) => name),
  "base44/config.jsonc",
  "base44/config.json",
  "base44/connectors",
  "connectors",
]

/** The nearest folder that looks like a project; the working folder when none does. */
export function findProjectRoot(cwd: string): string {
  for (const folder of upwards(cwd))
    if (projectMarks.some((mark) => existsSync(join(folder, mark)))) return folder
  return cwd
}

/** A setting of the other CLI's project file, e.g. `connectorsDir`. */
export async function readProjectSetting(root: string, key: string): Promise<string | undefined> {
  for (const name of ["base44/config.jsonc", "base44/config.json"]) {
    const path = join(root, name)
    if (existsSync(path)) return readMember(path, key)
  }
  return undefined
}

async function readMember(path: string, key: string): Promise<string | undefined> {
  const value: unknown = parse(await readFile(path, "utf8"), [], { allowTrailingComma: true })
  const found: unknown = Reflect.get(Object(value), key)
  return typeof found === "string" && found.trim() !== "" ? found.trim() : undefined
}

function* upwards(cwd: string): Generator<string> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    yield folder
    if (folder === dirname(folder)) return
  }
}
