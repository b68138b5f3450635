import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { callProvider, requestsTo, setClient, setFault } from "../harness/sandbox.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { testCatalog } from "../harness/test-catalog.ts"

const hourMs = 3_600_000
const providerLatencyMs = 1_000

describe("two replicas on one PostgreSQL", () => {
  let replicas: Replicas
  let app: TestApp
  beforeAll(async () => {
    replicas = await startReplicas({ database: "postgres", count: 2, catalog: testCatalog })
    app = await createApp(replicas.first.url)
    // As strict as providers are: a refresh token that is presented twice ends the whole grant.
    await setClient(replicas.sandbox, "rotating", { reuse_ends_grant: true })
  })
  afterAll(() => replicas.destroy())

  test("200 callers on one expired rotating token cause one provider call, and all get the same living token", async () => {
    await connectShared(replicas.first.url, app, "rotating")
    const before = await fetchToken(replicas.first.url, app, "rotating")
    expect(before.body.expires_at).not.toBeNull()
    await replicas.moveClock(2 * hourMs)
    await setFault(replicas.sandbox, "rotating", "slow", { delay_ms: providerLatencyMs, endpoint: "refresh" })

    const startedAt = performance.now()
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        fetchToken(replicas.servers[index % 2]?.url ?? "", app, "rotating"),
      ),
    )
    const tookMs = performance.now() - startedAt

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    const tokens = new Set(answers.map(({ body }) => body.access_token))
    expect(tokens.size).toBe(1)
    const [token = ""] = tokens
    expect(token).not.toBe(before.body.access_token)
    expect(await callProvider(replicas.sandbox, "rotating", "https://rotating.example.com/api", token)).toBe(
      200,
    )
    expect(await requestsTo(replicas.sandbox, "rotating", "refresh")).toHaveLength(1)
    // Generous: 200 requests and both servers share two cores with this test.
    expect(tookMs).toBeLessThan(providerLatencyMs + 3_000)
  })

  test("the next expiry works with the rotated refresh token, once more by one call", async () => {
    await replicas.moveClock(2 * hourMs)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        fetchToken(replicas.servers[index % 2]?.url ?? "", app, "rotating"),
      ),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(await requestsTo(replicas.sandbox, "rotating", "refresh")).toHaveLength(2)
  })
})
