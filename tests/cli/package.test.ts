/** Every package as it would be published: packed, put into an empty folder, and run there. */
import { spawn } from "node:child_process"
import { mkdir, readFile, rm, symlink } from "node:fs/promises"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { makeFolder, root, run, type TemporaryFolder } from "../sdk/package-folder.ts"
import { type Home, makeHome, runProgram } from "./run-cli.ts"

// Each command is a process of its own, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000 })

const names = ["catalog", "sdk", "sandbox", "server", "cli"] as const
type Name = (typeof names)[number]

interface Packed {
  readonly name: string
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

let folder: TemporaryFolder
let home: Home
let packed: readonly Packed[]

const modules = () => join(home.path, "node_modules")
const tarball = (name: Name): string =>
  join(folder.path, packed.find((one) => one.name === `@grantry/${name}`)?.filename ?? "")

async function execute(file: string, args: readonly string[], cwd: string): Promise<string> {
  const env = { ...process.env } as Record<string, string>
  const { code, stderr, stdout } = await runProgram(file, args, { cwd, env, input: "" })
  if (code !== 0) throw new Error(`${file} ${args.join(" ")}: ${stdout}${stderr}`)
  return stdout
}

/** As npm would install it, without a registry: what a package does not name as a dependency, it does not find. */
async function install(name: Name): Promise<void> {
  const target = join(modules(), "@grantry", name)
  await mkdir(target, { recursive: true })
  await execute("tar", ["-xzf", tarball(name), "-C", target, "--strip-components=1"], home.path)
  const { dependencies = {} } = JSON.parse(await readFile(join(target, "package.json"), "utf8")) as {
    dependencies?: Record<string, string>
  }
  const finder = createRequire(join(root, "packages", name, "package.json"))
  for (const dependency of Object.keys(dependencies).filter((one) => !one.startsWith("@grantry/")))
    await link(dependency, packageFolder(finder, dependency), join(target, "node_modules"))
}

async function link(name: string, from: string, into: string): Promise<void> {
  await mkdir(dirname(join(into, name)), { recursive: true })
  await symlink(from, join(into, name))
}

function packageFolder(finder: NodeJS.Require, name: string): string {
  for (const place of finder.resolve.paths(name) ?? []) {
    const path = join(place, name)
    try {
      return dirname(finder.resolve(join(path, "package.json")))
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND")) throw error
    }
  }
  throw new Error(`${name} is not installed`)
}

const grantry = (...args: readonly string[]) =>
  runProgram(process.execPath, [join(modules(), "@grantry/cli/bin/grantry.mjs"), ...args], {
    cwd: home.path,
    env: home.env,
    input: "",
  })

beforeAll(async () => {
  folder = await makeFolder()
  home = await makeHome()
  const workspaces = names.flatMap((name) => ["-w", `packages/${name}`])
  // Once for all: `prepack` would do it for each.
  await execute(process.execPath, [join(root, "scripts/build-packages.mjs")], root)
  const output = await execute(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", folder.path, ...workspaces],
    root,
  )
  packed = JSON.parse(output) as readonly Packed[]
  for (const name of names) await install(name)
}, 240_000)
afterAll(async () => {
  await folder[Symbol.asyncDispose]()
  await home[Symbol.asyncDispose]()
  for (const name of names) await rm(join(root, "packages", name, "LICENSE"), { force: true })
})

describe.each(names)("@grantry/%s", (name) => {
  test("holds its build, the licence, and no test", () => {
    const files = packed.find((one) => one.name === `@grantry/${name}`)?.files.map(({ path }) => path) ?? []
    expect(files).toEqual(expect.arrayContaining(["package.json", "LICENSE"]))
    expect(files.some((path) => path.startsWith("dist/"))).toBe(true)
    expect(files.filter((path) => /\.test\.|tsbuildinfo/.test(path))).toEqual([])
  })

  test("publint has nothing to say", async () => {
    const { ok, output } = await run("publint", ["--strict", tarball(name)], home.path)
    expect({ ok, output }).toEqual({ ok: true, output: expect.stringContaining("All good!") })
  })

  test("is built before it is packed", async () => {
    const { scripts } = JSON.parse(await readFile(join(root, "packages", name, "package.json"), "utf8")) as {
      scripts: Record<string, string>
    }
    expect(scripts["prepack"]).toBe("node ../../scripts/build-packages.mjs")
  })

  // The command line has no entry point for programs; the SDK has a test of its own.
  test.skipIf(name === "cli" || name === "sdk")("attw finds types for every entry point", async () => {
    const { ok, output } = await run(
      "attw",
      ["--profile", "esm-only", "--no-emoji", tarball(name)],
      home.path,
    )
    expect({ ok, output }).toEqual({ ok: true, output: expect.stringContaining("OK (ESM)") })
  })
})

test("the command line runs from its package", async () => {
  expect(await grantry("--version")).toMatchObject({ code: 0, stdout: "0.1.0\n" })
  expect((await grantry("connectors", "--help")).stdout).toContain("list-available")
})

test("the server serves from its package, error pages, sandbox and types of one's own included", async () => {
  await home.write("types/.keep", "")
  const args = [
    join(modules(), "@grantry/cli/bin/grantry.mjs"),
    "serve",
    "--port",
    "0",
    "--catalog-dir",
    "types",
  ]
  const child = spawn(process.execPath, args, { cwd: home.path, env: home.env })
  const exited = new Promise((done) => child.on("exit", done))
  let shown = ""
  child.stderr.on("data", (chunk) => void (shown += String(chunk)))
  try {
    await expect.poll(() => shown, { timeout: 20_000 }).toMatch(/listens at \S+/)
    const url = /listens at (\S+)/.exec(shown)?.[1] ?? ""
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    expect(await (await fetch(`${url}/errors/NOT_FOUND`)).text()).toContain("NOT_FOUND")
    expect((await fetch(`${url}/sandbox`)).status).toBe(200)
  } finally {
    child.kill("SIGTERM")
    expect(await exited).toBe(0)
  }
})
