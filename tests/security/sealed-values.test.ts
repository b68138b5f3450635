/** SECURITY.md line 15: a sealed value opens in its own record and nowhere else. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared, consent } from "../harness/connect.ts"
import { moveClock, requestsTo } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { withRawDatabase } from "./raw-database.ts"

const type = "dropbox"

interface Connected {
  readonly app: TestApp
  readonly id: string
  readonly token: string
}

describe.each(databases)("sealed values on %s", (database) => {
  let server: TestServer
  let people = 0
  let first: Connected
  let second: Connected
  let bystander: Connected

  beforeAll(async () => {
    server = await startTestServer({ database })
  })
  beforeEach(async () => {
    first = await connected()
    second = await connected()
    bystander = await connected()
  })
  afterAll(() => server.destroy())

  async function connected(): Promise<Connected> {
    people += 1
    const app = await createApp(server.url)
    const begun = await connectShared(server.url, app, type, { account: `person${people}@example.com` })
    return {
      app,
      id: begun.connection_id ?? "",
      token: (await fetchToken(server.url, app, type)).body.access_token,
    }
  }

  const tamper = (...statements: readonly string[]) =>
    withRawDatabase(server, async (raw) => {
      for (const sql of statements) await raw.run(sql)
    })

  async function expectUnreadable(...connections: readonly Connected[]): Promise<void> {
    for (const { app } of connections) {
      const answer = await fetchToken(server.url, app, type)
      expect(answer).toMatchObject({ status: 500, body: { code: "CREDENTIAL_UNREADABLE" } })
      expect(JSON.stringify(answer.body)).not.toContain('access_token":')
    }
    expect(await fetchToken(server.url, bystander.app, type)).toMatchObject({
      status: 200,
      body: { access_token: bystander.token },
    })
  }

  /** Gives each of two rows the other's value of a column. */
  const swap = (column: string) => [
    `create table swapped as select id, ${column} as value from connections where id in ('${first.id}', '${second.id}')`,
    `update connections set ${column} = (select value from swapped where id = '${second.id}') where id = '${first.id}'`,
    `update connections set ${column} = (select value from swapped where id = '${first.id}') where id = '${second.id}'`,
    "drop table swapped",
  ]

  test("access tokens swapped between two connections open in neither, and others are not touched", async () => {
    await tamper(...swap("sealed_access_token"))
    await expectUnreadable(first, second)
  })

  test("refresh tokens swapped between two connections are never sent to the provider", async () => {
    await tamper(...swap("sealed_refresh_token"))
    await moveClock(server.url, 24 * 3_600_000)
    const before = (await requestsTo(server.url, type, "refresh")).length
    for (const { app } of [first, second]) {
      expect(await fetchToken(server.url, app, type)).toMatchObject({
        status: 500,
        body: { code: "CREDENTIAL_UNREADABLE" },
      })
    }
    expect((await requestsTo(server.url, type, "refresh")).length).toBe(before)
    expect((await fetchToken(server.url, bystander.app, type)).status).toBe(200)
  })

  test("a refresh token in the place of the access token of the same row does not open", async () => {
    await tamper(`update connections set sealed_access_token = sealed_refresh_token where id = '${first.id}'`)
    await expectUnreadable(first)
  })

  test("a row that is given to another app does not open there", async () => {
    const thief = await createApp(server.url)
    await tamper(`update connections set app_id = '${thief.id}' where id = '${first.id}'`)
    await expectUnreadable({ ...first, app: thief })
    expect((await fetchToken(server.url, first.app, type)).status).toBe(404)
  })

  test("a row whose generation was set back does not open", async () => {
    await tamper(`update connections set generation = generation + 1 where id = '${first.id}'`)
    await expectUnreadable(first)
  })

  test("an older value put back after a reconnect does not open", async () => {
    await tamper(
      `create table kept as select sealed_access_token as value from connections where id = '${first.id}'`,
    )
    const again = await call<{ redirect_url: string }>(
      server.url,
      "POST",
      `/api/apps/${first.app.id}/external-auth/initiate`,
      {
        body: { integration_type: type, force_reconnect: true },
      },
    )
    expect(
      (await consent(again.body.redirect_url, { account: `person${people - 2}@example.com` })).status,
    ).toBe(200)
    await tamper(
      `update connections set sealed_access_token = (select value from kept) where id = '${first.id}'`,
      "drop table kept",
    )
    await expectUnreadable(first)
  })

  test("a connection whose tokens do not open can be disconnected, and connected again", async () => {
    await tamper(...swap("sealed_access_token"))
    const path = `/api/apps/${first.app.id}/external-auth/integrations/${type}`
    expect(await call(server.url, "DELETE", path)).toMatchObject({
      status: 200,
      body: { status: "disconnected" },
    })
    await connectShared(server.url, first.app, type)
    expect((await fetchToken(server.url, first.app, type)).status).toBe(200)
  })

  test("a data key that was altered makes its workspace's tokens unreadable, and nothing answers a wrong token", async () => {
    const flip =
      database === "postgres"
        ? "set_byte(wrapped, 20, (get_byte(wrapped, 20) + 1) % 256)"
        : "zeroblob(length(wrapped))"
    await tamper(
      "create table kept_keys as select id, wrapped from data_keys",
      `update data_keys set wrapped = ${flip}`,
    )
    expect(await fetchToken(server.url, first.app, type)).toMatchObject({
      status: 500,
      body: { code: "CREDENTIAL_UNREADABLE" },
    })
    await tamper(
      "update data_keys set wrapped = (select kept_keys.wrapped from kept_keys where kept_keys.id = data_keys.id)",
      "drop table kept_keys",
    )
    expect((await fetchToken(server.url, first.app, type)).body.access_token).toBe(first.token)
  })
})
