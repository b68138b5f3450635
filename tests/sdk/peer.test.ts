import { createClient as createPublished } from "@base44/sdk"
import { createClientFromRequest as createPublishedFromRequest } from "@base44/sdk"
import { createClient, createClientFromRequest } from "@grantry/sdk"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import {
  appId,
  serviceKey,
  startContractServer,
  type ContractServer,
  type SeenRequest,
} from "./contract-server.ts"

let server: ContractServer

beforeAll(async () => {
  server = await startContractServer()
})
afterAll(() => server[Symbol.asyncDispose]())
// The published SDK writes every refusal to the console.
beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => undefined))
afterEach(() => void vi.restoreAllMocks())

type Method = "getConnection" | "getAccessToken" | "getWorkspaceConnection" | "getCurrentAppUserConnection"
type Connectors = Record<Method, (argument: string) => Promise<unknown>>

const config = () => ({ serverUrl: server.url, appId, serviceToken: serviceKey, token: "user.jwt" })

/** What names the caller and the wish; the rest belongs to each one's HTTP stack. */
function protocolPart({ method, path, headers }: SeenRequest): object {
  const names = [
    "authorization",
    "on-behalf-of",
    "x-app-id",
    "accept",
    "content-type",
    "base44-state",
    "x-data-env",
  ]
  return { method, path, headers: names.map((name) => [name, headers[name]]) }
}

async function compare(
  published: Connectors,
  ours: Connectors,
  method: Method,
  argument: string,
): Promise<void> {
  const expected = await outcomeOf(published[method](argument))
  const request = server.lastSeen()
  const outcome = await outcomeOf(ours[method](argument))
  expect(server.lastSeen()).not.toBe(request)
  expect(protocolPart(server.lastSeen())).toEqual(protocolPart(request))
  if (typeof expected === "object" && expected !== null) expect(outcome).toMatchObject(expected)
  else expect(outcome).toBe(expected)
}

/** The published keys of a result, or what both clients say of a refusal. */
async function outcomeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const read = (key: string): unknown => Reflect.get(error, key)
    return { message: error.message, status: read("status"), code: read("code"), data: read("data") }
  }
}

describe("our SDK speaks as the published one does", () => {
  const cases: [Method, string][] = [
    ["getConnection", "slack"],
    ["getConnection", "only_published_keys"],
    ["getConnection", "odd/type?&#"],
    ["getAccessToken", "slack"],
    ["getWorkspaceConnection", "con_1"],
    ["getConnection", "never_connected"],
    ["getConnection", "grant_dead"],
    ["getConnection", "provider_away"],
    ["getConnection", "nested_error"],
    ["getConnection", "detail_only"],
    ["getConnection", "header_only"],
  ]

  test.each(cases)("%s(%j): the same request, the same outcome", async (method, argument) => {
    const published = createPublished(config())
    await compare(
      published.asServiceRole.connectors,
      createClient(config()).asServiceRole.connectors,
      method,
      argument,
    )
    published.cleanup()
  })

  test.each(["con_1", "never_connected", "grant_dead", "provider_away"])(
    "getCurrentAppUserConnection(%j): the same request, the same outcome",
    async (argument) => {
      const published = createPublished(config())
      const ours = createClient(config())
      const theirs = published.asServiceRole.connectors
      await compare(theirs, ours.asServiceRole.connectors, "getCurrentAppUserConnection", argument)
      published.cleanup()
    },
  )

  test.each(["con_1", "unknown", ""])(
    "connectAppUser(%j): the same request, the same outcome",
    async (id) => {
      const published = createPublished(config())
      const expected = await outcomeOf(published.connectors.connectAppUser(id))
      const request = server.lastSeen()
      expect(await outcomeOf(createClient(config()).connectors.connectAppUser(id))).toEqual(expected)
      expect(protocolPart(server.lastSeen())).toEqual(protocolPart(request))
      published.cleanup()
    },
  )

  test("disconnectAppUser: the same request", async () => {
    const published = createPublished(config())
    server.connected.add("con_1")
    await published.connectors.disconnectAppUser("con_1")
    const request = server.lastSeen()
    server.connected.add("con_1")
    await createClient(config()).connectors.disconnectAppUser("con_1")
    expect(server.lastSeen()).not.toBe(request)
    expect(protocolPart(server.lastSeen())).toEqual(protocolPart(request))
    const expected = await outcomeOf(published.connectors.disconnectAppUser("con_1"))
    expect(await outcomeOf(createClient(config()).connectors.disconnectAppUser("con_1"))).toEqual(expected)
    published.cleanup()
  })

  test("from a forwarded request", async () => {
    const request = new Request("http://fn.example/", {
      headers: {
        "Base44-App-Id": appId,
        "Base44-Api-Url": server.url,
        "Base44-Service-Authorization": `Bearer ${serviceKey}`,
        Authorization: "Bearer user.jwt",
        "Base44-State": "st",
        "X-Data-Env": "prod",
      },
    })
    const published = createPublishedFromRequest(request)
    const ours = createClientFromRequest(request)
    await compare(published.asServiceRole.connectors, ours.asServiceRole.connectors, "getConnection", "slack")
    published.cleanup()
  })

  test.each([
    {},
    { "Base44-App-Id": "a", "Base44-Service-Authorization": "Basic x" },
    { "Base44-App-Id": "a", Authorization: "Bearer a b" },
    { "Base44-App-Id": "a", Authorization: "" },
  ])("refuses the forwarded headers %j for the same reason", (headers) => {
    const request = new Request("http://fn.example/", { headers })
    const reasonOf = (create: (request: Request) => unknown): string | undefined => {
      try {
        create(request)
      } catch (error) {
        return String(error).slice(0, 40)
      }
      return undefined
    }
    expect(reasonOf(createPublishedFromRequest)).toBeDefined()
    expect(reasonOf(createClientFromRequest)).toBe(reasonOf(createPublishedFromRequest))
  })

  test.each(["getConnection", "getAccessToken", "getWorkspaceConnection"] as const)(
    "%s refuses a missing argument with the same sentence",
    async (method) => {
      const published = createPublished(config())
      const expected = await outcomeOf(published.asServiceRole.connectors[method](""))
      expect(await outcomeOf(createClient(config()).asServiceRole.connectors[method](""))).toEqual(expected)
      published.cleanup()
    },
  )
})
