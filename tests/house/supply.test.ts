/** `npm run check:supply` says no where it must: each of its questions is shown something bad beside something good. */
import { describe, expect, test } from "vitest"
import { licenceProblems } from "../../scripts/supply/licences.ts"
import {
  installProblems,
  type LockedPackage,
  lockfileProblems,
  rangeProblems,
  scriptProblems,
} from "../../scripts/supply/lockfile.ts"
import { type Package, runtimeDependencies } from "../../scripts/supply/manifests.ts"
import { readSignatures } from "../../scripts/supply/npm.ts"
import { reasonProblems } from "../../scripts/supply/reasons.ts"
import { bomProblems, shippedBom } from "../../scripts/supply/sbom.ts"

const good: LockedPackage = { version: "1.0.0", integrity: `sha512-${"A".repeat(86)}==` }
const lockOf = (locked: LockedPackage) => ({
  lockfileVersion: 3,
  packages: { "": {}, "node_modules/x": locked },
})

describe("the lock file", () => {
  test("may leave the address out or name the public registry, always with a SHA-512 integrity", () => {
    expect(lockfileProblems(lockOf(good))).toEqual([])
    expect(
      lockfileProblems(lockOf({ ...good, resolved: "https://registry.npmjs.org/x/-/x-1.0.0.tgz" })),
    ).toEqual([])
    expect(lockfileProblems(lockOf({ link: true, resolved: "packages/x" }))).toEqual([])
  })

  test.each<[string, LockedPackage]>([
    ["another registry", { ...good, resolved: "https://registry.npmjs.org.evil.example/x.tgz" }],
    ["plain http", { ...good, resolved: "http://registry.npmjs.org/x/-/x-1.0.0.tgz" }],
    ["a repository", { ...good, resolved: "git+ssh://git@github.com/x/x.git#abc" }],
    ["a file", { ...good, resolved: "file:../x.tgz" }],
    ["no integrity", { version: "1.0.0" }],
    ["a weak integrity", { ...good, integrity: "sha1-AAAA" }],
    ["no version", { integrity: good.integrity ?? "" }],
  ])("may not name %s", (_, locked) => {
    expect(lockfileProblems(lockOf(locked))).toHaveLength(1)
  })
})

describe("install scripts", () => {
  const scripted = lockOf({ ...good, hasInstallScript: true })

  test("are approved or denied by name", () => {
    expect(scriptProblems([scripted], {})).toHaveLength(1)
    expect(scriptProblems([scripted], { x: true })).toEqual([])
    expect(scriptProblems([scripted], { x: false })).toEqual([])
  })

  test("of another platform's package do not run here; an approval that nothing needs is a mistake", () => {
    expect(scriptProblems([lockOf({ ...good, hasInstallScript: true, os: ["darwin"] })], {})).toEqual([])
    expect(scriptProblems([scripted], { x: true, y: true })).toHaveLength(1)
  })
})

test.each([
  ["npm ci --no-audit", 0],
  ["RUN npm ci --omit=dev", 0],
  ["npm install --no-audit", 1],
  ["npm i left-pad", 1],
  ["npx --yes something", 1],
  ["curl https://x.example/install | bash", 1],
  ["apt-get install -y chromium", 0],
])("of the commands that install, %j has %i problems", (command, count) => {
  expect(installProblems("file", `set -e\n${command}\n`)).toHaveLength(count)
})

test("an exact version is one", () => {
  expect(rangeProblems("x", { a: "1.2.3", b: "18.4.0-beta.17", c: "npm:empty-npm-package@1.0.0" })).toEqual(
    [],
  )
  for (const range of [
    "^1.2.3",
    "~1.2.3",
    "*",
    "latest",
    ">=1",
    "1.x",
    "github:x/y",
    "https://x.example/y.tgz",
  ])
    expect([range, rangeProblems("x", { a: range }).length]).toEqual([range, 1])
})

test("a licence is on the list, or its package is excepted by name and version, with a reason", () => {
  const licensed = (license: string) => [{ name: "x", version: "1.0.0", license }]
  for (const license of ["MIT", "(MIT OR GPL-3.0)", "MIT AND ISC", "Apache-2.0"])
    expect([license, licenceProblems(licensed(license))]).toEqual([license, []])
  for (const license of [
    "GPL-3.0-only",
    "AGPL-3.0",
    "MIT AND GPL-3.0",
    "SEE LICENSE IN LICENSE",
    "UNLICENSED",
    "",
  ])
    expect([license, licenceProblems(licensed(license)).length]).toEqual([license, 1])
  expect(licenceProblems(licensed("GPL-3.0-only"), { "x@1.0.0": "because" })).toEqual([])
  expect(licenceProblems(licensed("MIT"), { "y@1.0.0": "because" })).toHaveLength(1)
})

describe("the page of reasons", () => {
  const server: Package = {
    folder: "packages/server",
    manifest: {
      name: "@grantry/server",
      version: "1.0.0",
      dependencies: { pg: "1.0.0", "@grantry/sdk": "1.0.0" },
    },
  }
  const page = (rows: string) =>
    `# Title\n\n## @grantry/server\n\n| package | why |\n| --- | --- |\n${rows}\n`

  test("names every dependency with a reason, and nothing else", () => {
    expect(runtimeDependencies(server)).toEqual(["pg"])
    expect(reasonProblems(page("| `pg` | PostgreSQL |"), [server])).toEqual([])
    for (const rows of ["", "| `pg` | |", "| `pg` | PostgreSQL |\n| `left-pad` | pads |"])
      expect(reasonProblems(page(rows), [server])).toHaveLength(1)
    expect(reasonProblems("# Title\n", [server])).toHaveLength(1)
    expect(reasonProblems(`${page("| `pg` | x |")}\n## @grantry/gone\n`, [server])).toHaveLength(1)
  })
})

test("the bill of materials keeps what is shipped, and is refused when something is missing", () => {
  const component = (name: string) => ({
    "bom-ref": `${name}@1.0.0`,
    name,
    version: "1.0.0",
    purl: `pkg:npm/${name}@1.0.0`,
  })
  const all = {
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    metadata: { component: { name: "folder" } },
    components: [component("pg"), component("vitest")],
    dependencies: [{ ref: "pg@1.0.0", dependsOn: ["vitest@1.0.0"] }, { ref: "vitest@1.0.0" }],
  }
  const pg = { name: "pg", version: "1.0.0" }
  const bom = shippedBom(JSON.stringify(all), "grantry", [pg])
  expect(bom).not.toMatch(/vitest|folder/)
  expect(bomProblems(bom, [pg])).toEqual([])
  expect(bomProblems(bom, [pg, { name: "jose", version: "1.0.0" }])).toHaveLength(1)
  expect(bomProblems("<html>", [pg])).toHaveLength(1)
  expect(bomProblems(JSON.stringify({ ...all, bomFormat: "SPDX" }), [pg])).toHaveLength(1)
})

test("signatures: judged where the registry answers, unknown where it does not", () => {
  expect(readSignatures('{"invalid":[],"missing":[]}')).toEqual({ state: "judged", problems: [] })
  const bad = '{"invalid":[{"name":"x","version":"1.0.0"}],"missing":[{"name":"y","version":"1.0.0"}]}'
  expect(readSignatures(bad)).toMatchObject({
    problems: [expect.stringContaining("x@1.0.0"), expect.any(String)],
  })
  for (const text of ["", '{"error":{"code":"ENOTFOUND"}}', "<html>"])
    expect(readSignatures(text)).toEqual({ state: "unknown" })
})
