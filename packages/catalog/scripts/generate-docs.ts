/**
 * Writes docs/connectors/<type>.md for every entry, and the list of them. With --check it writes nothing and exits
 * with 1 when a page is not what it would write.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { builtInCatalog } from "../src/catalog.ts"
import { connectorPage } from "./connector-page.ts"

const folder = new URL("../../../docs/connectors/", import.meta.url)

function wantedPages(): Map<string, string> {
  const definitions = builtInCatalog.all()
  const lines = definitions.map(
    ({ description, displayName, type }) => `| [${displayName}](${type}.md) | \`${type}\` | ${description} |`,
  )
  const index = ["# Connectors", "", "| service | type | |", "| --- | --- | --- |", ...lines, ""].join("\n")
  return new Map([
    ["README.md", index],
    ...definitions.map((definition) => [`${definition.type}.md`, connectorPage(definition)] as const),
  ])
}

function main(args: readonly string[]): number {
  const wanted = wantedPages()
  mkdirSync(folder, { recursive: true })
  const present = new Map(
    readdirSync(folder).map((file) => [file, readFileSync(new URL(file, folder), "utf8")]),
  )
  const stale = [...wanted].filter(([file, text]) => present.get(file) !== text)
  const surplus = [...present.keys()].filter((file) => !wanted.has(file))
  if (stale.length === 0 && surplus.length === 0) return 0
  if (args.includes("--check")) {
    console.error(
      `docs/connectors is stale (${[...stale.map(([file]) => file), ...surplus].join(", ")}): run npm run generate`,
    )
    return 1
  }
  for (const [file, text] of stale) writeFileSync(new URL(file, folder), text)
  for (const file of surplus) rmSync(new URL(file, folder))
  return 0
}

process.exitCode = main(process.argv.slice(2))
