/** Finding an app's users by what one remembers of them. */
import type { ConnectionListAnswer } from "@grantry/sdk/wire"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, type TestApp } from "../harness/api.ts"
import { connectUser, createConnector, createUser } from "../harness/app-users.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"

describe.each(databases)("searching an app's users on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let connector: string

  beforeAll(async () => {
    server = await startTestServer({ database })
    app = await createApp(server.url)
    connector = await createConnector(server.url, { integration_type: "dropbox" })
    for (const [user_id, account] of [
      ["ada-1", "grace@example.com"],
      ["ada-2", "linus@example.com"],
      ["Zoë", "ada@example.com"],
      ["50%_off", "ada@example.com"],
    ] as const) {
      const user = await createUser(server.url, app, { user_id })
      await connectUser(server.url, app, user, connector, { account })
    }
  })
  afterAll(() => server.destroy())

  const page = async (query: Record<string, string>, of = app) => {
    const path = `/api/apps/${of.id}/user-connections?${new URLSearchParams(query)}`
    return call<ConnectionListAnswer & { code?: string }>(server.url, "GET", path)
  }
  const found = async (search: string) =>
    (await page({ search })).body.connections.map(({ user_id: id }) => id)

  test("the beginning of an id finds the user, byte for byte", async () => {
    expect(await found("ada-")).toEqual(["ada-1", "ada-2"])
    expect(await found("ada-2")).toEqual(["ada-2"])
    expect(await found("ADA-")).toEqual([])
    expect(await found("da-1")).toEqual([])
    expect(await found("Zo")).toEqual(["Zoë"])
    expect(await found("Zoë")).toEqual(["Zoë"])
  })

  test("the beginning of an account's name finds it, in whichever case", async () => {
    expect(await found("linus@")).toEqual(["ada-2"])
    expect(await found("GRACE@EX")).toEqual(["ada-1"])
    expect(await found("@example.com")).toEqual([])
  })

  test("those by id come first, those by account after, and nobody twice", async () => {
    const all = await found("ada")
    expect(all.slice(0, 2)).toEqual(["ada-1", "ada-2"])
    expect(new Set(all.slice(2))).toEqual(new Set(["50%_off", "Zoë"]))
    expect(all).toHaveLength(4)
  })

  test("letters that mean something in a pattern mean themselves", async () => {
    expect(await found("50%_")).toEqual(["50%_off"])
    expect(await found("%")).toEqual([])
    expect(await found("_")).toEqual([])
  })

  test("pages lead through all of them once, whatever their length", async () => {
    for (const limit of ["1", "2", "3"]) {
      const seen: (string | null)[] = []
      let cursor: string | null = null
      do {
        const { body } = await page({ search: "ada", limit, ...(cursor !== null && { cursor }) })
        expect(body.connections.length).toBeLessThanOrEqual(Number(limit))
        seen.push(...body.connections.map(({ user_id: id }) => id))
        cursor = body.next_cursor
      } while (cursor !== null)
      expect(seen).toEqual(await found("ada"))
    }
  })

  test("another app's users are not among them", async () => {
    const other = await createApp(server.url)
    expect((await page({ search: "ada" }, other)).body.connections).toEqual([])
  })

  test("nothing to search for, too much of it, and a cursor of another list are refused", async () => {
    const listed = await call<ConnectionListAnswer>(
      server.url,
      "GET",
      `/api/apps/${app.id}/connections?limit=1`,
    )
    for (const query of [
      { search: "" },
      { search: "x".repeat(201) },
      { search: "ada", cursor: listed.body.next_cursor ?? "" },
    ]) {
      const { body, status } = await page(query)
      expect([status, body.code]).toEqual([400, "INVALID_REQUEST"])
    }
  })
})
