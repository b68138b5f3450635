/**
 * Writes src/index.gen.ts from the files of src/services: the list of entries and the union of their types.
 * With --check it writes nothing and exits with 1 when the file is not what it would write.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { indexSource } from "./index-source.ts"

const services = new URL("../src/services/", import.meta.url)
const target = new URL("../src/index.gen.ts", import.meta.url)

function current(): string {
  try {
    return readFileSync(target, "utf8")
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return ""
    throw error
  }
}

function main(args: readonly string[]): number {
  const files = readdirSync(services).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  const wanted = indexSource(files)
  if (current() === wanted) return 0
  if (args.includes("--check")) {
    console.error(
      "packages/catalog/src/index.gen.ts is stale: run node packages/catalog/scripts/generate-index.ts",
    )
    return 1
  }
  writeFileSync(target, wanted)
  return 0
}

process.exitCode = main(process.argv.slice(2))
