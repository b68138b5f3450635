/**
 * `npm run check:supply`: what comes from others is what was chosen. Prints a line per question; ends with code 1 when one
 * of them is answered badly. Only the signatures need the network, and without one they are skipped.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { licenceProblems } from "./licences.ts"
import {
  type AllowedScripts,
  installProblems,
  type Lockfile,
  lockfileProblems,
  rangeProblems,
  scriptProblems,
} from "./lockfile.ts"
import { installedWith, type Manifest, readJson, readPackages } from "./manifests.ts"
import { billOfMaterials, judgeSignatures } from "./npm.ts"
import { reasonProblems } from "./reasons.ts"
import { bomProblems, shippedBom } from "./sbom.ts"

const root = join(import.meta.dirname, "../..")
const artefacts = join(root, "dist")
const inRoot = (file: string): string => readFileSync(join(root, file), "utf8")
const rootManifest = readJson<Manifest & { readonly allowScripts: AllowedScripts }>(
  join(root, "package.json"),
)
const packages = readPackages(root)
const shipped = installedWith(root, packages)
let isBad = false

function report(question: string, problems: readonly string[]): void {
  process.stdout.write(`${problems.length === 0 ? "ok    " : "FAILED"}  ${question}\n`)
  for (const problem of problems) process.stdout.write(`        ${problem}\n`)
  if (problems.length > 0) isBad = true
}

const locks = ["package-lock.json", "examples/nextjs/package-lock.json"].map((file) =>
  readJson<Lockfile>(join(root, file)),
)
report(
  "every package has an integrity and comes from the public registry",
  locks.flatMap((lock) => lockfileProblems(lock)),
)
report("install scripts are approved or denied by name", scriptProblems(locks, rootManifest.allowScripts))

const building = [
  ".ci/run",
  "Dockerfile",
  "package.json",
  ...packages.map(({ folder }) => `${folder}/package.json`),
]
const deploying = readdirSync(join(root, "deploy")).map((name) => `deploy/${name}`)
report(
  "whatever builds, tests or ships installs by the lock file",
  [...building, ...deploying].flatMap((file) => installProblems(file, inRoot(file))),
)
report(
  "every dependency is named by an exact version",
  [{ folder: ".", manifest: rootManifest }, ...packages].flatMap(({ folder, manifest }) =>
    rangeProblems(`${folder}/package.json`, { ...manifest.dependencies, ...manifest.devDependencies }),
  ),
)
report(
  `the licences of the ${shipped.length} packages that are shipped are on the list`,
  licenceProblems(shipped),
)
report("every runtime dependency has a reason", reasonProblems(inRoot("docs/dependencies.md"), packages))

const bom = shippedBom(await billOfMaterials(root), rootManifest.name, shipped)
mkdirSync(artefacts, { recursive: true })
writeFileSync(join(artefacts, "sbom.cdx.json"), bom)
report("dist/sbom.cdx.json, a CycloneDX bill of materials, lists all of them", bomProblems(bom, shipped))

const signatures = await judgeSignatures(root)
if (signatures.state === "judged") report("the registry's signatures are right", signatures.problems)
else process.stdout.write("skipped the registry's signatures: it did not answer\n")

process.exitCode = isBad ? 1 : 0
