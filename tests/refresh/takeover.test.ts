import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import type { ReplicaProcessInput } from "../harness/replica-process.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { moveClock, requestsTo, setClient, setFault } from "../harness/sandbox.ts"
import { testCatalog } from "../harness/test-catalog.ts"

const hourMs = 3_600_000
const patience = { timeout: 10_000 }
const timeoutMs = 2_000

describe("a replica that is killed in the middle of a refresh", () => {
  let replicas: Replicas
  let app: TestApp
  let dataDir: string
  let child: ChildProcess | undefined
  beforeAll(async () => {
    const env = { GRANTRY_PROVIDER_TIMEOUT_MS: String(timeoutMs) }
    replicas = await startReplicas({ database: "postgres", count: 1, catalog: testCatalog, env })
    app = await createApp(replicas.first.url)
    dataDir = await mkdtemp(join(tmpdir(), "grantry-killed-"))
    // Providers that rotate and mean well take a token once more for a while: the answer may have been lost.
    await setClient(replicas.sandbox, "rotating", { reuse_grace_s: 60 })
  })
  afterAll(async () => {
    child?.kill("SIGKILL")
    await replicas.destroy()
    await rm(dataDir, { recursive: true, force: true })
  })

  async function startChild(): Promise<string> {
    const env = {
      GRANTRY_PORT: "0",
      GRANTRY_DATA_DIR: dataDir,
      GRANTRY_DATABASE_URL: replicas.databaseUrl,
      ...replicas.env,
    }
    const input: ReplicaProcessInput = { env, sandbox: replicas.sandbox }
    const program = join(import.meta.dirname, "../harness/replica-process.ts")
    child = fork(program, [], {
      env: { REPLICA_INPUT: JSON.stringify(input) },
      execArgv: ["--conditions=grantry-source"],
    })
    const [{ url }] = (await once(child, "message")) as [{ readonly url: string }]
    return url
  }

  test("leaves a lease that the next one takes over when it ends, within its caller's patience", async () => {
    await connectShared(replicas.first.url, app, "rotating")
    const before = await fetchToken(replicas.first.url, app, "rotating")
    const childUrl = await startChild()
    await replicas.moveClock(2 * hourMs)
    await moveClock(childUrl, 2 * hourMs)
    await setFault(replicas.sandbox, "rotating", "hang", { endpoint: "refresh" })

    const lost = fetchToken(childUrl, app, "rotating").catch((error: unknown) => error)
    await expect.poll(() => requestsTo(replicas.sandbox, "rotating", "refresh"), patience).toHaveLength(1)
    child?.kill("SIGKILL")
    expect(await lost).toBeInstanceOf(Error)

    const startedAt = performance.now()
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => fetchToken(replicas.first.url, app, "rotating")),
    )
    const tookMs = performance.now() - startedAt
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    const tokens = new Set(answers.map(({ body }) => body.access_token))
    expect(tokens.size).toBe(1)
    expect(tokens).not.toContain(before.body.access_token)
    // The lease is one and a half times as long as a call may take.
    expect(tookMs).toBeGreaterThan(timeoutMs)
    expect(tookMs).toBeLessThan(timeoutMs + 5_000)
    expect(await requestsTo(replicas.sandbox, "rotating", "refresh")).toHaveLength(2)
  })
})
