/**
 * `npm run check:mutants [words]`: takes each defence out in a copy of the repository and expects its test to fail. With
 * words, only the mutants whose description or line has one of them. Ends with code 1 when a test passes all the same.
 */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Mutant, mutants } from "./defences.ts"

const root = join(import.meta.dirname, "../..")
const copied = [
  "packages",
  "tests",
  "docs",
  "examples",
  "scripts",
  "package.json",
  "tsconfig.base.json",
  "vitest.config.ts",
]

/** Our own packages are the copy's; everybody else's are the original's. */
async function copyRepository(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "grantry-mutants-"))
  const filter = (path: string): boolean =>
    !/(^|\/)(node_modules|dist|\.grantry)(\/|$)/.test(path.slice(root.length))
  for (const name of copied) await cp(join(root, name), join(copy, name), { recursive: true, filter })
  await linkModules(join(root, "node_modules"), join(copy, "node_modules"))
  await mkdir(join(copy, "node_modules/@grantry"))
  for (const name of await readdir(join(copy, "packages"))) {
    await symlink(join(copy, "packages", name), join(copy, "node_modules/@grantry", name))
    const own = join(root, "packages", name, "node_modules")
    if (existsSync(own)) await symlink(own, join(copy, "packages", name, "node_modules"))
  }
  return copy
}

async function linkModules(from: string, to: string): Promise<void> {
  await mkdir(to)
  for (const name of await readdir(from))
    if (name !== "@grantry") await symlink(join(from, name), join(to, name))
}

interface Result {
  readonly fullName: string
  readonly status: string
}

/** Of the tests with this title; none where the file does not even load. */
async function resultsOf({ test, title }: Mutant, copy: string): Promise<readonly Result[]> {
  const report = join(copy, "report.json")
  await rm(report, { force: true })
  const plain = title.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  const args = ["run", test, "-t", plain, "--maxWorkers=1", "--reporter=json", `--outputFile=${report}`]
  const child = spawn(join(root, "node_modules/.bin/vitest"), args, { cwd: copy, stdio: "ignore" })
  await new Promise((done) => child.on("close", done))
  const { testResults } = JSON.parse(await readFile(report, "utf8")) as {
    readonly testResults: readonly { readonly assertionResults: readonly Result[] }[]
  }
  const results = testResults.flatMap(({ assertionResults }) => assertionResults)
  return results.filter(({ fullName }) => fullName.includes(title))
}

type Verdict = "seen" | "SURVIVED" | "NOT RUN"

async function tryMutant(mutant: Mutant, copy: string): Promise<Verdict> {
  const file = join(copy, mutant.file)
  const sound = await readFile(file, "utf8")
  await writeFile(
    file,
    sound.replace(mutant.take, () => mutant.put),
  )
  try {
    const statuses = (await resultsOf(mutant, copy)).map(({ status }) => status)
    if (statuses.includes("failed")) return "seen"
    return statuses.includes("passed") ? "SURVIVED" : "NOT RUN"
  } finally {
    await writeFile(file, sound)
  }
}

const words = process.argv.slice(2)
const chosen = mutants.filter(
  ({ line, what }) =>
    words.length === 0 || words.some((word) => word === String(line) || what.includes(word)),
)
const copy = await copyRepository()
let survivors = 0
try {
  for (const mutant of chosen) {
    const verdict = await tryMutant(mutant, copy)
    if (verdict !== "seen") survivors += 1
    process.stdout.write(`${verdict.padEnd(8)}  ${mutant.line}. ${mutant.what}\n`)
  }
} finally {
  await rm(copy, { recursive: true, force: true })
}
process.stdout.write(`${chosen.length - survivors} of ${chosen.length} were seen\n`)
process.exitCode = survivors === 0 ? 0 : 1
