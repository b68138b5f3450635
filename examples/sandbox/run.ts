/** Runs an example with a Grantry server of its own and emulated providers: `run.ts nightly-job`. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { sandboxUrl } from "@grantry/sandbox"
import { createDemoApp, textOf, type Demo } from "../demo/demo-app.ts"
import { startDemoServer, type DemoServer } from "../demo/demo-server.ts"
import { narrator } from "../demo/narrator.ts"
import { connectThreeUsers } from "./connect-three-users.ts"

const root = join(import.meta.dirname, "../..")
const port = process.env["PORT"] ?? "3000"

interface Example {
  /** Program and arguments, from the repository's root. */
  readonly command: readonly string[]
  /** Folder to run it in. */
  readonly folder?: string
  readonly prepare?: (demo: Demo, connectorId: string, server: DemoServer) => Promise<void>
}

const node = [process.execPath, "--conditions=grantry-source"]
const deno = [join(root, "node_modules/.bin/deno"), "run", "--conditions=grantry-source", "--no-prompt"]

const examples: Readonly<Record<string, Example>> = {
  "app-user-function": {
    command: [...deno, "--allow-net", "--allow-env", "examples/app-user-function/my-events.ts"],
    prepare: forwardFunctions,
  },
  "node-server": { command: [...node, "examples/node-server/server.ts"] },
  "nightly-job": { command: [...node, "examples/nightly-job/nightly-job.ts"], prepare: connectThreeUsers },
  // Without npx in between, which would not pass a signal on.
  nextjs: {
    command: [process.execPath, "node_modules/next/dist/bin/next", "dev", "--port", port],
    folder: "examples/nextjs",
  },
}

async function forwardFunctions(
  { app, grantry, owner }: Demo,
  _: string,
  { url }: DemoServer,
): Promise<void> {
  await owner("PUT", `/api/apps/${app.id}`, {
    functions_upstream: `http://127.0.0.1:${port}`,
    backend_functions_enabled: true,
  })
  const { token } = await grantry.asServiceRole.users.createToken({ userId: "ada" })
  console.log(`curl -H "Authorization: Bearer ${token}" ${url}/api/apps/${app.id}/functions/my-events`)
}

async function run(example: Example, signal: AbortSignal): Promise<void> {
  const server = await startDemoServer(signal)
  try {
    const say = narrator((line) => console.log(line))
    const demo = await createDemoApp({ server, say, signal })
    const { owner, app } = demo
    const [workspace] = (await owner("GET", "/api/workspace/workspaces"))["workspaces"] as { id: string }[]
    const connector = await owner("POST", `/api/workspace/${workspace?.id}/connectors`, {
      integration_type: "googlecalendar",
      name: "Users' calendars",
      scopes: ["https://www.googleapis.com/auth/calendar.readonly"],
    })
    const connectorId = textOf(connector, "id")
    await owner("PUT", `/api/apps/${app.id}/allowed-origins`, { origins: [`http://localhost:${port}`] })
    await example.prepare?.(demo, connectorId, server)
    const googleApi = sandboxUrl(server.url, "googlecalendar", new URL("https://www.googleapis.com"))
    await runProgram(example, signal, {
      GRANTRY_URL: server.url,
      GRANTRY_APP_ID: app.id,
      GRANTRY_SERVICE_KEY: app.serviceKey,
      CONNECTOR_ID: connectorId,
      GOOGLE_API_URL: googleApi.href.replace(/\/$/, ""),
      PORT: port,
      DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
      NEXT_TELEMETRY_DISABLED: "1",
    })
  } finally {
    await server.stop()
  }
}

async function runProgram(
  { command, folder = "." }: Example,
  signal: AbortSignal,
  values: object,
): Promise<void> {
  const [program = "", ...args] = command
  const child = spawn(program, args, {
    cwd: join(root, folder),
    env: { ...process.env, ...values },
    stdio: "inherit",
  })
  signal.addEventListener("abort", () => child.kill("SIGTERM"), { once: true })
  const [code] = (await once(child, "exit")) as [number | null]
  process.exitCode = signal.aborted ? 0 : (code ?? 1)
}

const name = process.argv[2] ?? ""
const example = Object.hasOwn(examples, name) ? examples[name] : undefined
if (example === undefined) {
  console.error(`Name one of the examples: ${Object.keys(examples).join(", ")}`)
  process.exitCode = 2
} else {
  const interrupted = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort())
  await run(example, interrupted.signal)
}
