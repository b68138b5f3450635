import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, expect, test } from "vitest"
import { buildSdkPackage, makeFolder, run, type TemporaryFolder } from "./package-folder.ts"

let folder: TemporaryFolder
let tarball: string
let packed: string[]

beforeAll(async () => {
  folder = await makeFolder()
  await buildSdkPackage(folder.path)
  const { stdout } = await promisify(execFile)("npm", ["pack", "--json", "--ignore-scripts"], {
    cwd: folder.path,
  })
  const [pack]: [{ filename: string; files: { path: string }[] }] = JSON.parse(stdout)
  tarball = join(folder.path, pack.filename)
  packed = pack.files.map(({ path }) => path)
})
afterAll(() => folder[Symbol.asyncDispose]())

test("publint has nothing to say about the package", async () => {
  const { ok, output } = await run("publint", ["--strict", tarball], folder.path)
  expect({ ok, output }).toEqual({ ok: true, output: expect.stringContaining("All good!") })
})

test("attw finds types for every entry point", async () => {
  const { ok, output } = await run("attw", ["--profile", "esm-only", "--no-emoji", tarball], folder.path)
  expect({ ok, output }).toEqual({
    ok: true,
    output: expect.stringMatching(/(OK \(ESM\)[^]*){3}/),
  })
})

test("no test is in the package", () => {
  expect(packed).toEqual(expect.arrayContaining(["dist/index.js", "dist/index.d.ts", "src/index.ts"]))
  expect(packed.filter((path) => path.includes(".test."))).toEqual([])
})
