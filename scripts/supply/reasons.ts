/** docs/dependencies.md says why each runtime dependency is there: all of them, and nothing else. Pure. */
import { namedDependencies, type Package } from "./manifests.ts"

/** One section per package (`## @grantry/server`), one row per dependency: | `name` | reason |. */
export function reasonProblems(page: string, packages: readonly Package[]): readonly string[] {
  const sections = new Map(page.split(/^## /m).slice(1).map(readSection))
  const names = packages.map(({ manifest }) => manifest.name)
  const unknown = [...sections.keys()].filter((name) => !names.includes(name))
  return [
    ...unknown.map((name) => `docs/dependencies.md has a section for ${name}, which is no package`),
    ...packages.flatMap((one) => sectionProblems(one, sections.get(one.manifest.name))),
  ]
}

function sectionProblems(one: Package, listed: ReadonlySet<string> | undefined): readonly string[] {
  const { name } = one.manifest
  if (!listed) return [`docs/dependencies.md has no section for ${name}`]
  const needed = namedDependencies(one)
  return [
    ...needed
      .filter((dependency) => !listed.has(dependency))
      .map((dependency) => `docs/dependencies.md does not say why ${name} needs ${dependency}`),
    ...[...listed]
      .filter((dependency) => !needed.includes(dependency))
      .map((dependency) => `docs/dependencies.md lists ${dependency}, which ${name} does not need`),
  ]
}

function readSection(text: string): readonly [name: string, listed: ReadonlySet<string>] {
  const [heading = "", ...lines] = text.split("\n")
  const rows = lines.filter((line) => line.startsWith("| `")).map((line) => line.split("|"))
  const listed = rows.flatMap(([, names = "", reason = ""]) =>
    reason.trim() === "" ? [] : Array.from(names.matchAll(/`([^`]+)`/g), ([, name = ""]) => name),
  )
  return [heading.trim(), new Set(listed)]
}
