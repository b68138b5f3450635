import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { ada } from "../../../tests/sdk/app-user-answers.ts"
import {
  appId,
  serviceKey,
  startContractServer,
  userToken,
  type ContractServer,
} from "../../../tests/sdk/contract-server.ts"
import { ConnectError, createClient, NotConnectedError, type GrantryClient } from "@grantry/sdk"

let server: ContractServer
let client: GrantryClient

beforeAll(async () => {
  server = await startContractServer()
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(() => {
  server.connected.clear()
  client = createClient({ serverUrl: server.url, appId, token: userToken, serviceToken: serviceKey })
})

const base = `/api/apps/${appId}/app-user-auth`

describe("connectAppUser", () => {
  test("returns the address for the user's browser, and calls with the user's token only", async () => {
    expect(await client.connectors.connectAppUser("con_1")).toBe(`${server.url}/connect/con_1`)
    const { method, path, headers, body } = server.lastSeen()
    expect({ method, path, body }).toEqual({
      method: "POST",
      path: `${base}/connectors/con_1/initiate`,
      body: "{}",
    })
    expect(headers.authorization).toBe(`Bearer ${userToken}`)
    expect(headers).not.toHaveProperty("on-behalf-of")
    expect(headers).not.toHaveProperty("x-origin-url")
  })

  test("sends the options under their names on the wire", async () => {
    await client.connectors.connectAppUser("a/b", {
      returnTo: "https://app.example/done",
      connectionConfig: { subDomain: "acme" },
      loginHint: "ada@example.com",
    })
    expect(server.lastSeen().path).toBe(`${base}/connectors/a%2Fb/initiate`)
    expect(JSON.parse(server.lastSeen().body)).toEqual({
      return_to: "https://app.example/done",
      connection_config: { subDomain: "acme" },
      login_hint: "ada@example.com",
    })
  })

  test("an unknown connector is a NotConnectedError with the server's words", async () => {
    const call = client.connectors.connectAppUser("unknown")
    await expect(call).rejects.toThrow("Connector authorization not configured")
    await expect(call).rejects.toBeInstanceOf(NotConnectedError)
  })
})

describe("without a user's token", () => {
  test("every call says so and asks nothing of the server", async () => {
    client.setToken(null)
    const before = server.seen.length
    const { connectors, asServiceRole } = client
    for (const call of [
      connectors.connectAppUser("con_1"),
      connectors.disconnectAppUser("con_1"),
      connectors.status("con_1"),
      connectors.list(),
      connectors.completeConnect("https://app.example/?status=connected&connection_id=c&connect_handle=h"),
      asServiceRole.connectors.getCurrentAppUserConnection("con_1"),
    ]) {
      await expect(call).rejects.toThrow(/^User token is required to use connectors\. Pass token/)
    }
    expect(server.seen.length).toBe(before)
  })

  test("a token that comes later is used", async () => {
    client.setToken(null)
    client.setToken(userToken)
    expect(await client.connectors.status("con_1")).toMatchObject({ status: "not_connected" })
  })
})

test.each([undefined, "", 7, "."])(
  "refuses %s as a connector ID and asks nothing of the server",
  async (id) => {
    const before = server.seen.length
    for (const methods of [client.connectors, client.asServiceRole.connectors]) {
      const names = [
        "connectAppUser",
        "disconnectAppUser",
        "status",
        "getCurrentAppUserConnection",
        "listAppUsers",
      ]
      for (const name of names) {
        const method: unknown = Reflect.get(methods, name)
        if (typeof method === "function")
          await expect(method(id)).rejects.toThrow(/Connector ID|part of a path/)
      }
    }
    expect(server.seen.length).toBe(before)
  },
)

describe("status, list and disconnectAppUser", () => {
  test("status says whether the user is connected, as whom and what is missing", async () => {
    server.connected.add("con_1")
    expect(await client.connectors.status("con_1")).toEqual({
      status: "connected",
      account: ada.account,
      scopes: ["read"],
      missingScopes: ["write"],
    })
    expect(server.lastSeen().path).toBe(`${base}/connectors/con_1/status`)
  })

  test("list reads every page", async () => {
    expect(await client.connectors.list()).toMatchObject([
      { connectorId: "con_1", connectionId: "conn_1", integrationType: "slack", status: "connected" },
      { connectorId: "con_2", status: "not_connected", missingScopes: [] },
    ])
    expect(server.lastSeen().path).toBe(`${base}/connections?cursor=page%20two%26`)
  })

  test("disconnectAppUser returns what the provider has been told", async () => {
    server.connected.add("con_1")
    expect(await client.connectors.disconnectAppUser("con_1")).toBe("revoked")
    expect(server.lastSeen().method).toBe("DELETE")
    await expect(client.connectors.disconnectAppUser("con_1")).rejects.toBeInstanceOf(NotConnectedError)
  })
})

describe("completeConnect", () => {
  test.each([
    "https://app.example/",
    "https://app.example/?status=open",
    "https://app.example/?connection_id=c",
  ])("%s tells of no outcome", async (url) => {
    const before = server.seen.length
    expect(await client.connectors.completeConnect(url)).toBeNull()
    expect(server.seen.length).toBe(before)
  })

  test("a handle is completed in the user's name before it resolves", async () => {
    const url =
      "https://app.example/?a=1&connector=x&connection_id=conn_x&status=connected&connect_handle=handle_x"
    expect(await client.connectors.completeConnect(url)).toEqual({
      status: "connected",
      connectionId: "conn_x",
    })
    expect(server.connected).toContain("x")
    const { method, path, headers } = server.lastSeen()
    expect({ method, path }).toEqual({ method: "POST", path: `${base}/complete` })
    expect(headers.authorization).toBe(`Bearer ${userToken}`)
  })

  test.each([true, false])(
    "the answer about another account goes with the handle: replace %s",
    async (replace) => {
      const url = "https://app.example/?connection_id=conn_x&status=connected&connect_handle=handle_x"
      await client.connectors.completeConnect(url, { replace })
      expect(JSON.parse(server.lastSeen().body)).toEqual({ handle: "handle_x", replace })
    },
  )

  test("without a handle nothing is left to do", async () => {
    const before = server.seen.length
    const url = "https://app.example/?connection_id=conn_x&status=connected"
    expect(await client.connectors.completeConnect(url)).toMatchObject({ connectionId: "conn_x" })
    expect(server.seen.length).toBe(before)
  })

  test("a refusal is a ConnectError with the provider's code", async () => {
    const url = "https://app.example/?connection_id=conn_x&status=error&error=access_denied&connect_handle=h"
    const call = client.connectors.completeConnect(url)
    await expect(call).rejects.toBeInstanceOf(ConnectError)
    await expect(call).rejects.toMatchObject({ code: "access_denied", name: "ConnectError" })
  })

  test("a handle that is spent is the server's refusal", async () => {
    const url = "https://app.example/?connection_id=conn_x&status=connected&connect_handle=spent"
    await expect(client.connectors.completeConnect(url)).rejects.toMatchObject({ code: "ATTEMPT_OVER" })
  })
})
