/** `grantry types generate`, and what the compiler makes of it. */
import { mkdir, rm, symlink } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { createApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { ownerKey, startTestServer } from "../harness/server.ts"
import { buildSdkPackage, makeFolder, root, run, type TemporaryFolder } from "../sdk/package-folder.ts"
import { type Home, makeHome } from "./run-cli.ts"

// Each command is a process of its own, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000 })

const file = "base44/.types/connectors.d.ts"
const other = "base44/.types/types.d.ts"
const sdks = ["@grantry/sdk", "@base44/sdk"]

let sdk: TemporaryFolder
beforeAll(async () => {
  sdk = await makeFolder()
  await buildSdkPackage(sdk.path)
})
afterAll(() => sdk[Symbol.asyncDispose]())

let home: Home
beforeEach(async () => {
  // Nothing answers there: what works, works offline.
  home = await makeHome({ GRANTRY_URL: "http://127.0.0.1:9" })
  await home.write("base44/connectors/slack.jsonc", '{ "type": "slack" }')
  await home.write("base44/connectors/calendar.jsonc", '{ "type": "googlecalendar", "scopes": [] }')
  return () => home[Symbol.asyncDispose]()
})

const generate = (...flags: readonly string[]) => home.run(["types", "generate", ...flags])

async function install(...names: readonly string[]): Promise<void> {
  const sources: Record<string, string> = {
    "@grantry/sdk": sdk.path,
    "@base44/sdk": join(root, "node_modules/@base44/sdk"),
  }
  for (const name of names) {
    await mkdir(join(home.path, "node_modules", name.split("/")[0] ?? ""), { recursive: true })
    await symlink(sources[name] ?? "", join(home.path, "node_modules", name))
  }
}

const tsconfig = (more: Record<string, unknown> = {}) =>
  JSON.stringify({
    compilerOptions: {
      target: "ES2022",
      lib: ["ES2022", "DOM", "DOM.Iterable"],
      module: "NodeNext",
      types: [],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
    },
    ...more,
  })

/** Compiles one call of `getConnection`. */
async function compile(sdkName: string, type: string): Promise<{ ok: boolean; output: string }> {
  await home.write(
    "main.ts",
    `import { createClient } from ${JSON.stringify(sdkName)}
const client = createClient({ serverUrl: "https://g.example", appId: "a", serviceToken: "s" })
export const connection = await client.asServiceRole.connectors.getConnection("${type}")
`,
  )
  return run("tsc", ["-p", home.path], home.path)
}

describe.each(sdks)("with %s", (name) => {
  test("a misspelt type fails, a right one passes, and without the file any string passes", async () => {
    await install(name)
    await home.write("package.json", '{"type":"module"}')
    await home.write("tsconfig.json", tsconfig())
    expect(await compile(name, "slak")).toEqual({ ok: true, output: "" })
    expect((await generate()).code).toBe(0)
    expect(await compile(name, "slack")).toEqual({ ok: true, output: "" })
    const { ok, output } = await compile(name, "slak")
    expect(ok).toBe(false)
    expect(output).toMatch(/main\.ts.*"slak"/)
  })
})

test("the file itself compiles where only one of the two SDKs is installed", async () => {
  await install("@grantry/sdk")
  await generate()
  const args = ["--noEmit", "--strict", "--module", "NodeNext", "--types", "", join(home.path, file)]
  expect(await run("tsc", args, home.path)).toEqual({ ok: true, output: "" })
})

test("it names both registries of both modules, and leaves the other CLI's file alone", async () => {
  await home.write(other, "// theirs\n")
  const { stdout } = await generate()
  expect(stdout).toBe(`${file} holds 2 connector types of the connector files.\n`)
  const text = await home.read(file)
  for (const name of sdks) expect(text).toContain(`declare module "${name}"`)
  expect(text.match(/ConnectorIntegrationTypeRegistry/g)).toHaveLength(2)
  expect(text.match(/ConnectorTypeRegistry/g)).toHaveLength(2)
  expect(await home.read(other)).toBe("// theirs\n")
})

test("a second run changes nothing", async () => {
  await home.write("tsconfig.json", tsconfig({ include: ["src"] }))
  await generate()
  const before = [await home.read(file), await home.read("tsconfig.json")]
  const again = await home.json<{ changed: boolean; tsconfig: string }>(["types", "generate"])
  expect(again).toMatchObject({ changed: false, tsconfig: "present" })
  expect([await home.read(file), await home.read("tsconfig.json")]).toEqual(before)
})

test("the folder is added to tsconfig.json, and its comments stay", async () => {
  await home.write("tsconfig.json", '{\n  // mine\n  "include": ["src"], /* here */\n}\n')
  await generate()
  expect(await home.read("tsconfig.json")).toBe(
    '{\n  // mine\n  "include": [\n    "src",\n    "base44/.types/*.d.ts"\n  ], /* here */\n}\n',
  )
})

test("a tsconfig.json without include goes on reading everything", async () => {
  await home.write("tsconfig.json", '{ "compilerOptions": {} }')
  await generate()
  expect(JSON.parse(await home.read("tsconfig.json"))).toMatchObject({
    include: ["**/*", "base44/.types/*.d.ts"],
  })
})

test("--out names another file", async () => {
  await home.write("tsconfig.json", '{ "include": [] }')
  expect((await generate("--out", "types/connectors.d.ts")).code).toBe(0)
  expect(await home.read("types/connectors.d.ts")).toContain('"slack": true')
  expect(JSON.parse(await home.read("tsconfig.json"))).toEqual({ include: ["types/*.d.ts"] })
})

test("without connector files the app's types are taken", async () => {
  await rm(join(home.path, "base44"), { recursive: true })
  const server = await startTestServer({ database: "sqlite" })
  try {
    const app = await createApp(server.url)
    await connectShared(server.url, app, "notion")
    const env = { GRANTRY_URL: server.url, GRANTRY_API_KEY: ownerKey, GRANTRY_APP_ID: app.id }
    expect(await home.json(["types", "generate"], { env })).toMatchObject({ types: ["notion"] })
  } finally {
    await server.destroy()
  }
})
