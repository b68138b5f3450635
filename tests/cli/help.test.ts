import { spawn } from "node:child_process"
import { once } from "node:events"
import { text } from "node:stream/consumers"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { createProgram } from "../../packages/cli/src/program.ts"
import { type Home, makeHome, program as grantry } from "./run-cli.ts"

// Each command is a process of its own, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000 })

type Command = ReturnType<typeof createProgram>

const program = createProgram({
  env: {},
  cwd: ".",
  streams: { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr },
  setExitCode: () => undefined,
})

function everyCommand(command: Command, name: string): readonly (readonly [string, Command])[] {
  const below = command.commands.flatMap((one) => everyCommand(one, `${name} ${one.name()}`))
  return [[name, command], ...below]
}

function helpOf(command: Command): string {
  let shown = ""
  command.configureOutput({ writeOut: (text) => void (shown += text) }).outputHelp()
  return shown
}

let home: Home
beforeAll(async () => {
  home = await makeHome({ GRANTRY_URL: "http://127.0.0.1:9" })
})
afterAll(() => home[Symbol.asyncDispose]())

describe("help", () => {
  const commands = everyCommand(program, "grantry")

  test("is there for every command that the documentation names", () => {
    expect(commands.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        "grantry serve",
        "grantry login",
        "grantry logout",
        "grantry whoami",
        "grantry apps list",
        "grantry apps create",
        "grantry keys create",
        "grantry keys list",
        "grantry keys revoke",
        "grantry keys rotate",
        "grantry keys new-epoch",
        "grantry connectors list-available",
        "grantry connectors initiate",
        "grantry connectors push",
        "grantry connectors pull",
        "grantry connectors status",
        "grantry connectors disconnect",
        "grantry connectors check",
        "grantry types generate",
        "grantry audit list",
        "grantry audit export",
        "grantry audit verify",
        "grantry audit head",
        "grantry doctor",
      ]),
    )
  })

  test.each(commands)("of %s shows an example", (name, command) => {
    expect(helpOf(command)).toMatch(new RegExp(`Examples?:\\n(.*\\n)*? {2}\\$ .*${name}`))
  })

  test("comes from the process with exit code 0", async () => {
    const { code, stdout } = await home.run(["connectors", "push", "--help"])
    expect(code).toBe(0)
    expect(stdout).toContain("Usage: grantry connectors push")
  })
})

describe("what cannot be done", () => {
  test.each([["no-such-command"], ["apps create"], ["connectors"], ["whoami --no-such-option"]])(
    "%s is not understood: exit code 2",
    async (line) => {
      const { code, stderr, stdout } = await home.run(line.split(" "))
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
      expect(stderr).not.toBe("")
    },
  )

  test("a usage error with --json is one JSON document", async () => {
    const { code, stderr, stdout } = await home.run(["connectors", "status", "--json"])
    expect({ code, stderr }).toEqual({ code: 2, stderr: "" })
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "USAGE", message: "No app is chosen." } })
  })

  test("a server that is not there: exit code 1, and what to do", async () => {
    const key = { GRANTRY_API_KEY: "b44k_0123456789012345678901234567890123" }
    const { code, stderr } = await home.run(["apps", "list"], { env: key })
    expect(code).toBe(1)
    expect(stderr).toContain("could not be reached")
    expect(stderr).toContain("grantry serve")
    expect(stderr).not.toContain("    at ")
  })
})

test("a reader that stops early, as head does, is no error", async () => {
  const child = spawn(process.execPath, [grantry, "serve", "--help"], { cwd: home.path, env: home.env })
  child.stdout.destroy()
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "exit")])
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
})
