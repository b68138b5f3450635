import { execFile } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { startContractServer, type ContractServer } from "./contract-server.ts"
import { expectedOutcome, makeScenarioFolder, type ScenarioFolder } from "./scenario-files.ts"

const execute = promisify(execFile)
const bin = (name: string): string => join(import.meta.dirname, "../../node_modules/.bin", name)

let server: ContractServer
let folder: ScenarioFolder
let home: string

beforeAll(async () => {
  server = await startContractServer()
  folder = await makeScenarioFolder(server.url)
  home = await mkdtemp(join(tmpdir(), "grantry-home-"))
})

afterAll(async () => {
  await folder[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  await rm(home, { recursive: true, force: true })
})

async function run(command: string, args: readonly string[]): Promise<unknown> {
  const env = {
    PATH: process.env["PATH"],
    HOME: home,
    DENO_DIR: join(home, "deno"),
    DENO_NO_UPDATE_CHECK: "1",
    DENO_NO_PROMPT: "1",
    DO_NOT_TRACK: "1",
    BUN_ENABLE_CRASH_REPORTING: "0",
    NO_COLOR: "1",
  }
  const { stdout } = await execute(bin(command), args, { cwd: folder.path, env, timeout: 25_000 })
  return JSON.parse(stdout)
}

describe("the SDK does the same in every runtime", () => {
  test("in Node", async () => {
    expect(await run("node", ["run.mjs"])).toEqual(expectedOutcome(server.url))
  })

  test("in Deno, which may reach only the server", async () => {
    const net = `--allow-net=${new URL(server.url).host},127.0.0.1:9`
    const args = ["run", "--no-prompt", "--no-config", "--no-lock", "--no-remote", "--no-npm", net, "run.mjs"]
    expect(await run("deno", args)).toEqual(expectedOutcome(server.url))
  })

  test("in Bun", async () => {
    expect(await run("bun", ["run", "--no-install", "run.mjs"])).toEqual(expectedOutcome(server.url))
  })
})
