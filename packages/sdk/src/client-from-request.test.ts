import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  appId,
  serviceKey,
  startContractServer,
  type ContractServer,
} from "../../../tests/sdk/contract-server.ts"
import { createClientFromRequest, type RequestLike } from "@grantry/sdk"

let server: ContractServer

beforeAll(async () => {
  server = await startContractServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const forwarded = (): Record<string, string> => ({
  "Base44-App-Id": appId,
  "Base44-Api-Url": server.url,
  "Base44-Service-Authorization": `Bearer ${serviceKey}`,
  Authorization: "Bearer user.jwt",
  "Base44-State": "state-1",
  "X-Data-Env": "dev",
})

const withHeaders = (headers: Record<string, string | undefined>): RequestLike => ({
  headers: { ...forwarded(), ...headers },
})

const lowerCased = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

describe("createClientFromRequest", () => {
  const shapes: Record<string, () => RequestLike> = {
    "a web Request": () => new Request("http://fn.example/", { headers: forwarded() }),
    "anything with headers.get(name)": () => ({ headers: { get: (name) => forwarded()[name] } }),
    "Node's lower-case headers": () => ({
      headers: { ...lowerCased(forwarded()), "set-cookie": ["a", "b"] },
    }),
    "headers in any case": () => ({ headers: forwarded() }),
  }

  test.each(Object.keys(shapes))("takes %s and passes everything on", async (shape) => {
    const request = shapes[shape]?.()
    if (request === undefined) throw new Error("no such shape")
    const client = createClientFromRequest(request)
    expect(client.getConfig()).toEqual({ serverUrl: server.url, appId })
    await client.asServiceRole.connectors.getConnection("slack")
    expect(server.lastSeen().headers).toMatchObject({
      authorization: `Bearer ${serviceKey}`,
      "on-behalf-of": "Bearer user.jwt",
      "base44-state": "state-1",
      "x-data-env": "dev",
      "x-app-id": appId,
    })
  })

  test("passes on only the data environments that exist", async () => {
    const client = createClientFromRequest(withHeaders({ "X-Data-Env": "staging", "Base44-State": "" }))
    await client.asServiceRole.connectors.getConnection("slack")
    expect(server.lastSeen().headers).not.toHaveProperty("x-data-env")
    expect(server.lastSeen().headers).not.toHaveProperty("base44-state")
  })

  test("refuses a request without the app's id", () => {
    expect(() => createClientFromRequest(withHeaders({ "Base44-App-Id": undefined }))).toThrow(
      /^Base44-App-Id header is required/,
    )
  })

  test("refuses a request without the server's address: there is no default to send tokens to", () => {
    expect(() => createClientFromRequest(withHeaders({ "Base44-Api-Url": undefined }))).toThrow(
      /^Base44-Api-Url header is required/,
    )
  })

  test.each(["", "Bearer", "bearer t", "Basic dTpw", "Bearer  t", "Bearer canary x"])(
    "refuses the credential %j in either header, without repeating it",
    (value) => {
      for (const name of ["Authorization", "Base44-Service-Authorization"]) {
        const create = (): unknown => createClientFromRequest(withHeaders({ [name]: value }))
        expect(create).toThrow(/^Invalid authorization header format\. Expected "Bearer <token>"/)
        expect(create).not.toThrow(/canary/)
      }
    },
  )

  test("has no service role when the request carries no service token", () => {
    const client = createClientFromRequest(withHeaders({ "Base44-Service-Authorization": undefined }))
    expect(() => client.asServiceRole).toThrow(/^Service token is required/)
  })

  test.each([undefined, {}, { headers: "Authorization: x" }])("refuses %j as a request", (request) => {
    const functions: object = { createClientFromRequest }
    const untyped: (request: unknown) => unknown = Reflect.get(functions, "createClientFromRequest")
    expect(() => untyped(request)).toThrow(/^createClientFromRequest needs the request/)
  })

  test("takes a fetch and a deadline of the caller's own", async () => {
    const fetch: typeof globalThis.fetch = async () => Response.json({ access_token: "from-my-fetch" })
    const client = createClientFromRequest(withHeaders({}), { fetch, timeoutMs: 5 })
    expect(await client.asServiceRole.connectors.getAccessToken("slack")).toBe("from-my-fetch")
  })
})
