import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { requestsTo, resetSandbox } from "../harness/sandbox.ts"
import { databases } from "../harness/server.ts"
import { editTokens, withFlippedBit } from "../harness/stored-tokens.ts"
import { testCatalog } from "../harness/test-catalog.ts"
import { expectNoReuse } from "./invariants.ts"

const hourMs = 3_600_000

describe.each(databases)("a stored token that does not open, on %s", (database) => {
  let replicas: Replicas
  let apps: readonly [TestApp, TestApp, TestApp]
  beforeAll(async () => {
    replicas = await startReplicas({ database, count: 1, catalog: testCatalog })
  })
  afterAll(() => replicas.destroy())
  afterEach(() => expectNoReuse(replicas.sandbox))
  beforeEach(async () => {
    await resetSandbox(replicas.sandbox)
    const url = replicas.first.url
    apps = [await createApp(url), await createApp(url), await createApp(url)]
    for (const app of apps) await connectShared(url, app, "steady")
  })

  const token = (app: TestApp) => fetchToken(replicas.first.url, app, "steady")

  async function meddle(edit: Parameters<typeof editTokens>[1]): Promise<void> {
    await replicas.first.stop()
    await editTokens(replicas.databaseUrl, edit)
    await replicas.first.restart()
  }

  test("is the trouble of its own connection only, and a new consent repairs it", async () => {
    const [broken, second, third] = apps
    await meddle(async (rows) =>
      rows.write(
        broken.id,
        "sealed_access_token",
        withFlippedBit(await rows.read(broken.id, "sealed_access_token")),
      ),
    )
    expect(await token(broken)).toMatchObject({ status: 500, body: { code: "CREDENTIAL_UNREADABLE" } })
    expect((await token(second)).status).toBe(200)
    expect((await token(third)).status).toBe(200)
    const listed = await call<{ integrations: unknown[] }>(
      replicas.first.url,
      "GET",
      `/api/apps/${broken.id}/external-auth/list`,
    )
    expect(listed.body.integrations).toMatchObject([{ status: "active" }])

    await call(replicas.first.url, "DELETE", `/api/apps/${broken.id}/external-auth/integrations/steady`)
    await connectShared(replicas.first.url, broken, "steady")
    expect((await token(broken)).status).toBe(200)
  })

  test("swapped between two connections opens in neither", async () => {
    const [one, other, third] = apps
    await meddle(async (rows) => {
      const [ofOne, ofOther] = [
        await rows.read(one.id, "sealed_access_token"),
        await rows.read(other.id, "sealed_access_token"),
      ]
      await rows.write(one.id, "sealed_access_token", ofOther)
      await rows.write(other.id, "sealed_access_token", ofOne)
    })
    expect(await token(one)).toMatchObject({ status: 500, body: { code: "CREDENTIAL_UNREADABLE" } })
    expect(await token(other)).toMatchObject({ status: 500, body: { code: "CREDENTIAL_UNREADABLE" } })
    expect((await token(third)).status).toBe(200)
  })

  test("as a refresh token: the living access token is handed out, then the answer says so without asking the provider", async () => {
    const [broken, second] = apps
    await meddle(async (rows) =>
      rows.write(
        broken.id,
        "sealed_refresh_token",
        withFlippedBit(await rows.read(broken.id, "sealed_refresh_token")),
      ),
    )
    expect((await token(broken)).status).toBe(200)
    await replicas.moveClock(hourMs - 60_000)
    for (let reads = 0; reads < 10; reads += 1) expect((await token(broken)).status).toBe(200)
    expect(await requestsTo(replicas.sandbox, "steady", "refresh")).toHaveLength(0)
    // It rests like trouble at a provider, and so costs the reads nothing.
    await expect
      .poll(() => replicas.first.logged())
      .toContain('"code":"CREDENTIAL_UNREADABLE","msg":"a refresh failed"')
    await replicas.moveClock(60_000)
    for (let reads = 0; reads < 3; reads += 1) {
      expect(await token(broken)).toMatchObject({ status: 500, body: { code: "CREDENTIAL_UNREADABLE" } })
    }
    expect(await requestsTo(replicas.sandbox, "steady", "refresh")).toHaveLength(0)
    expect((await token(second)).status).toBe(200)
  })

  test("can be disconnected: it is destroyed, and what still opens is revoked", async () => {
    const [broken, lost] = apps
    await meddle(async (rows) => {
      await rows.write(broken.id, "sealed_access_token", Buffer.from("no sealed value at all"))
      await rows.write(lost.id, "sealed_access_token", Buffer.from("no sealed value at all"))
      await rows.write(lost.id, "sealed_refresh_token", Buffer.from("none either"))
    })
    const end = async (app: TestApp) =>
      (await call(replicas.first.url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/steady`))
        .body["revoked"]
    expect(await end(broken)).toBe("revoked")
    expect(await end(lost)).toBe("failed")
    expect((await token(lost)).status).toBe(404)
  })
})
