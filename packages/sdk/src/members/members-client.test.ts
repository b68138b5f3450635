import { describe, expect, test } from "vitest"
import { createMembersClient, GrantryError, type MemberCredential } from "./index.ts"

interface Seen {
  readonly url: string
  readonly init: RequestInit
}

/** A client whose calls get the given answers, in order. */
function clientOf(answers: readonly Response[], credential: MemberCredential = { apiKey: "b44k_key" }) {
  const seen: Seen[] = []
  const rest = [...answers]
  const fetch = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    seen.push({ url: String(url), init })
    const answer = rest.shift()
    if (!answer) throw new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } })
    return answer
  }
  return { seen, client: createMembersClient({ serverUrl: "https://g.example/", credential, fetch }) }
}

const json = (body: unknown, status = 200): Response => Response.json(body, { status })

describe("a member's call", () => {
  test("carries the API key as a header of its own", async () => {
    const { client, seen } = clientOf([json([])])
    await client.apps.list()
    expect(seen[0]?.url).toBe("https://g.example/api/apps")
    expect(new Headers(seen[0]?.init.headers).get("api_key")).toBe("b44k_key")
    expect(seen[0]?.init).toMatchObject({ redirect: "manual", credentials: "omit" })
  })

  test("asks for the access token each time, so that it can be renewed", async () => {
    let count = 0
    const { client, seen } = clientOf([json([]), json([])], { accessToken: () => `token-${(count += 1)}` })
    await client.apps.list()
    await client.apps.list()
    expect(seen.map(({ init }) => new Headers(init.headers).get("authorization"))).toEqual([
      "Bearer token-1",
      "Bearer token-2",
    ])
  })

  test("sends the browser's cookies with a session, and no other credential", async () => {
    const { client, seen } = clientOf([json([])], "session")
    await client.apps.list()
    expect(seen[0]?.init.credentials).toBe("same-origin")
    expect([...new Headers(seen[0]?.init.headers).keys()]).toEqual([])
  })

  test("encodes each part of a path once", async () => {
    const { client, seen } = clientOf([json({ integrations: [] })])
    await client.sharedConnections.list("a/../b?c")
    expect(seen[0]?.url).toBe("https://g.example/api/apps/a%2F..%2Fb%3Fc/external-auth/list")
  })

  test.each(["", ".", ".."])("refuses the path part %j, which would name another address", async (id) => {
    const { client, seen } = clientOf([])
    await expect(client.apps.get(id)).rejects.toThrow(TypeError)
    expect(seen).toEqual([])
  })

  test("follows a list to its last page", async () => {
    const { client, seen } = clientOf([
      json({ connectors: [{ id: "con_1" }], next_cursor: "next" }),
      json({ connectors: [{ id: "con_2" }], next_cursor: null }),
    ])
    expect((await client.connectors.list("ws_1")).map(({ id }) => id)).toEqual(["con_1", "con_2"])
    expect(seen.map(({ url }) => new URL(url).searchParams.get("cursor"))).toEqual([null, "next"])
  })
})

describe("a call that does not succeed", () => {
  test("is an error with the server's sentence and code", async () => {
    const body = { detail: "There is no such app.", code: "NOT_FOUND", request_id: "req_1" }
    const error: unknown = await clientOf([json(body, 404)])
      .client.apps.get("app_x")
      .catch((one: unknown) => one)
    expect(error).toBeInstanceOf(GrantryError)
    expect(error).toMatchObject({ message: "There is no such app.", code: "NOT_FOUND", status: 404 })
  })

  test("has no status when no answer came", async () => {
    const error: unknown = await clientOf([])
      .client.apps.list()
      .catch((one: unknown) => one)
    expect(error).toBeInstanceOf(GrantryError)
    expect(String(error)).toContain("ECONNREFUSED")
    expect((error as GrantryError).status).toBeUndefined()
  })

  test("names an address at which something else answers", async () => {
    const failed = clientOf([new Response("<html>")]).client.apps.list()
    await expect(failed).rejects.toThrow("is a Grantry server at https://g.example?")
  })
})
