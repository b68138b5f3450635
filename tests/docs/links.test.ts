/** What the documents point to is there: files, pictures, headings. */
import { existsSync, globSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const root = fileURLToPath(new URL("../../", import.meta.url))
const documents = globSync(["*.md", "{deploy,docs}/**/*.md", "{packages,examples}/*/*.md"], { cwd: root })

/** `[text](target)` and `![text](target)`; neither addresses elsewhere nor what stands in code. */
function targetsIn(path: string): readonly string[] {
  const text = readFileSync(join(root, path), "utf8")
    .replaceAll(/^```.*?^```/gms, "")
    .replaceAll(/`[^`\n]*`/g, "")
  const targets = Array.from(text.matchAll(/\]\(([^()\s]+)\)/g), (match) => match[1] ?? "")
  return targets.filter((target) => !/^[a-z]+:/.test(target))
}

/** As GitHub makes them. */
function anchorsOf(path: string): ReadonlySet<string> {
  const headings = readFileSync(path, "utf8").matchAll(/^#+ (.*)$/gm)
  return new Set(
    Array.from(headings, ([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  )
}

function isThere(from: string, target: string): boolean {
  const [path = "", anchor] = target.split("#")
  const file = path === "" ? join(root, from) : join(root, dirname(from), path)
  if (!existsSync(file)) return false
  return anchor === undefined || !file.endsWith(".md") || anchorsOf(file).has(anchor)
}

test("every link and picture of every document is there", () => {
  const links = documents.flatMap((from) => targetsIn(from).map((target) => ({ from, target })))
  expect(links.length).toBeGreaterThan(100)
  expect(links.filter(({ from, target }) => !isThere(from, target))).toEqual([])
})

test("every picture is in a document", () => {
  const shown = new Set(
    documents.flatMap((from) =>
      targetsIn(from).map((target) => relative(root, join(root, dirname(from), target))),
    ),
  )
  const pictures = readdirSync(join(root, "docs/screenshots")).map((name) => `docs/screenshots/${name}`)
  expect(pictures.filter((path) => !shown.has(path))).toEqual([])
})
