import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { slackToken } from "../../../tests/sdk/answers.ts"
import {
  appId,
  serviceKey,
  startContractServer,
  type ContractServer,
} from "../../../tests/sdk/contract-server.ts"
import {
  createClient,
  NotConnectedError,
  ProviderUnavailableError,
  ReconnectRequiredError,
  type ClientConfig,
  type ConnectorsModule,
} from "@grantry/sdk"

let server: ContractServer

beforeAll(async () => {
  server = await startContractServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const connectorsOf = (config: Partial<ClientConfig> = {}): ConnectorsModule =>
  createClient({ serverUrl: server.url, appId, serviceToken: serviceKey, ...config }).asServiceRole.connectors

/** As plain JavaScript can call it. */
async function callUntyped(method: keyof ConnectorsModule, argument: unknown): Promise<unknown> {
  const methods: object = connectorsOf()
  const untyped: (argument: unknown) => Promise<unknown> = Reflect.get(methods, method)
  return untyped(argument)
}

describe("getConnection", () => {
  test("returns the token and everything known about the connection", async () => {
    expect(await connectorsOf().getConnection("slack")).toEqual({
      accessToken: slackToken.access_token,
      integrationType: "slack",
      connectionConfig: { team: "acme" },
      expiresAt: new Date("2030-01-02T03:04:05.000Z"),
      scopes: ["chat:write", "channels:read"],
      missingScopes: ["files:write"],
      account: { id: "U123", label: "ada@example.com" },
    })
  })

  test("reads an answer that holds only the published keys", async () => {
    expect(await connectorsOf().getConnection("only_published_keys")).toEqual({
      accessToken: "t",
      integrationType: "x",
      connectionConfig: null,
    })
  })

  test("says null where the provider names no expiry and no account", async () => {
    expect(await connectorsOf().getConnection("no_expiry")).toMatchObject({ expiresAt: null, account: null })
  })

  test("keeps a type with reserved characters in one path part", async () => {
    expect(await connectorsOf().getConnection("odd/type?&#")).toMatchObject({ accessToken: "odd-token" })
    expect(server.lastSeen().path).toBe(`/api/apps/${appId}/external-auth/tokens/odd%2Ftype%3F%26%23`)
  })

  test.each([".", ".."])(
    "refuses the dot segment %s, which URL parsers resolve into another route",
    async (segment) => {
      const before = server.seen.length
      await expect(connectorsOf().getConnection(segment)).rejects.toThrow("cannot be part of a path")
      await expect(connectorsOf().getWorkspaceConnection(segment)).rejects.toThrow("cannot be part of a path")
      await expect(connectorsOf({ appId: segment }).getConnection("slack")).rejects.toThrow(
        "cannot be part of a path",
      )
      expect(server.seen.length).toBe(before)
    },
  )

  test.each([undefined, null, "", 7, {}])(
    "refuses %s as a type and asks nothing of the server",
    async (type) => {
      const before = server.seen.length
      for (const method of ["getConnection", "getAccessToken"] as const) {
        await expect(callUntyped(method, type)).rejects.toThrow(
          /^Integration type is required and must be a string/,
        )
      }
      expect(server.seen.length).toBe(before)
    },
  )
})

describe("the other reads", () => {
  test("getAccessToken returns the bare token of the same call", async () => {
    expect(await connectorsOf().getAccessToken("slack")).toBe(slackToken.access_token)
    expect(server.lastSeen().path).toBe(`/api/apps/${appId}/external-auth/tokens/slack`)
  })

  test("getWorkspaceConnection addresses a connector by its ID", async () => {
    expect(await connectorsOf().getWorkspaceConnection("con_1")).toMatchObject({
      accessToken: "connector-token",
    })
    expect(server.lastSeen().path).toBe(`/api/apps/${appId}/external-auth/tokens/connectors/con_1`)
  })

  test.each([undefined, "", 7])("getWorkspaceConnection refuses %s as a connector ID", async (id) => {
    await expect(callUntyped("getWorkspaceConnection", id)).rejects.toThrow(
      /^Connector ID is required and must be a string/,
    )
  })
})

describe("accounts of app users", () => {
  test("getCurrentAppUserConnection asks with both tokens", async () => {
    const connectors = connectorsOf({ token: "user.jwt" })
    expect(await connectors.getCurrentAppUserConnection("con_1")).toMatchObject({
      accessToken: "connector-token",
      account: { id: "U123" },
    })
    const { path, headers } = server.lastSeen()
    expect(path).toBe(`/api/apps/${appId}/app-user-auth/connectors/con_1/token`)
    expect(headers).toMatchObject({
      authorization: `Bearer ${serviceKey}`,
      "on-behalf-of": "Bearer user.jwt",
    })
  })

  test("getAppUserConnection names the user in the path and needs no token of theirs", async () => {
    const of = { userId: "u/1", connectorId: "con_1" }
    expect(await connectorsOf().getAppUserConnection(of)).toMatchObject({ accessToken: "connector-token" })
    expect(server.lastSeen().path).toBe(`/api/apps/${appId}/app-user-auth/users/u%2F1/connectors/con_1/token`)
    expect(server.lastSeen().headers).not.toHaveProperty("on-behalf-of")
    await expect(connectorsOf().getAppUserConnection({ ...of, userId: "" })).rejects.toThrow(
      /^User ID is required/,
    )
  })

  test.each([
    ["never_connected", NotConnectedError],
    ["grant_dead", ReconnectRequiredError],
    ["provider_away", ProviderUnavailableError],
  ] as const)("%s is told apart", async (connectorId, ErrorClass) => {
    const connectors = connectorsOf({ token: "user.jwt" })
    const calls = [
      connectors.getCurrentAppUserConnection(connectorId),
      connectors.getAppUserConnection({ userId: "u1", connectorId }),
    ]
    for (const call of calls) await expect(call).rejects.toBeInstanceOf(ErrorClass)
  })

  test("listAppUsers reads every page", async () => {
    expect(await connectorsOf().listAppUsers("con_1")).toEqual([
      {
        userId: "u1",
        status: "connected",
        account: { id: "U1", label: "ada@example.com" },
        missingScopes: [],
      },
      { userId: "u/2", status: "reconnect_required", account: null, missingScopes: ["write"] },
    ])
    expect(server.lastSeen().path).toMatch(/con_1\/users\?cursor=page%20two%26$/)
  })
})

test("users.createToken asks for a token of the app's own user", async () => {
  const client = createClient({ serverUrl: server.url, appId, serviceToken: serviceKey })
  const options = { userId: "u1", email: "ada@example.com", name: "Ada", expiresIn: 600 }
  expect(await client.asServiceRole.users.createToken(options)).toEqual({
    token: "minted.jwt",
    expiresAt: new Date("2030-01-02T03:04:05.000Z"),
  })
  const { method, path, body } = server.lastSeen()
  expect({ method, path }).toEqual({ method: "POST", path: `/api/apps/${appId}/users/token` })
  expect(JSON.parse(body)).toEqual({
    user_id: "u1",
    email: "ada@example.com",
    name: "Ada",
    expires_in: 600,
  })
})

describe("every call", () => {
  test("carries the service token, the app and JSON headers, and nobody's behalf by default", async () => {
    await connectorsOf().getConnection("slack")
    const { method, headers } = server.lastSeen()
    expect(method).toBe("GET")
    expect(headers).toMatchObject({
      authorization: `Bearer ${serviceKey}`,
      "x-app-id": appId,
      accept: "application/json",
      "content-type": "application/json",
    })
    expect(headers).not.toHaveProperty("on-behalf-of")
  })

  test("carries the user's token as on-behalf-of, and the newest one after setToken", async () => {
    const client = createClient({
      serverUrl: server.url,
      appId,
      serviceToken: serviceKey,
      token: "first.jwt",
    })
    await client.asServiceRole.connectors.getConnection("slack")
    expect(server.lastSeen().headers["on-behalf-of"]).toBe("Bearer first.jwt")
    client.setToken("second.jwt")
    await client.asServiceRole.connectors.getConnection("slack")
    expect(server.lastSeen().headers["on-behalf-of"]).toBe("Bearer second.jwt")
    client.setToken("")
    await client.asServiceRole.connectors.getConnection("slack")
    expect(server.lastSeen().headers).not.toHaveProperty("on-behalf-of")
  })

  test("carries further headers, which cannot replace the credential or the app", async () => {
    const headers = { "Base44-State": "st", authorization: "Bearer other", "x-app-id": "other" }
    await connectorsOf({ headers }).getConnection("slack")
    expect(server.lastSeen().headers).toMatchObject({
      "base44-state": "st",
      authorization: `Bearer ${serviceKey}`,
      "x-app-id": appId,
    })
  })

  test("goes to a server below a path, with or without trailing slashes", async () => {
    await connectorsOf({ serverUrl: `${server.url}/base//` }).getConnection("slack")
    expect(server.lastSeen().path).toBe(`/base/api/apps/${appId}/external-auth/tokens/slack`)
  })

  test("goes through the fetch that the client was given", async () => {
    const urls: string[] = []
    const spy: typeof fetch = (input, init) => {
      urls.push(String(input))
      return fetch(input, init)
    }
    await connectorsOf({ fetch: spy }).getConnection("slack")
    expect(urls).toEqual([`${server.url}/api/apps/${appId}/external-auth/tokens/slack`])
  })
})
