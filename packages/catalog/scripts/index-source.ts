/** The text of src/index.gen.ts. */
import { basename } from "node:path"

interface Entry {
  readonly file: string
  readonly type: string
  readonly name: string
}

/**
 * The text of the generated index.
 *
 * @param files names of the files of services/, in any order
 * @throws Error when a file's name is not kebab-case
 */
export function indexSource(files: readonly string[]): string {
  const entries = files.map(entryOf).sort((one, other) => (one.type < other.type ? -1 : 1))
  return `/** Generated from services/ by scripts/generate-index.ts: change that, not this. */
import type { ConnectorDefinition } from "./define.ts"
${entries.map(({ name, file }) => `import { ${name} } from "./services/${file}"\n`).join("")}
/** The connector types that come with the product. */
export type ConnectorType =
${entries.map(({ type }) => `  | "${type}"\n`).join("")}
export const definitions: readonly ConnectorDefinition[] = [
${entries.map(({ name }) => `  ${name},\n`).join("")}]
`
}

/** `google-analytics.ts` holds the type `google_analytics`, exported as `googleAnalytics`. */
function entryOf(file: string): Entry {
  const base = basename(file, ".ts")
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(base))
    throw new Error(`services/${file}: file names are kebab-case`)
  const name = base.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  return { file, type: base.replaceAll("-", "_"), name }
}
