import { inspect } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  appId,
  serviceKey,
  startContractServer,
  type ContractServer,
} from "../../../tests/sdk/contract-server.ts"
import {
  createClient,
  GrantryError,
  NotConnectedError,
  ProviderUnavailableError,
  ReconnectRequiredError,
  type ClientConfig,
} from "@grantry/sdk"

const userToken = "canary.user.jwt.0123456789"
let server: ContractServer

beforeAll(async () => {
  server = await startContractServer()
})
afterAll(() => server[Symbol.asyncDispose]())

async function refusalOf(name: string, config: Partial<ClientConfig> = {}): Promise<GrantryError> {
  const all = { serverUrl: server.url, appId, serviceToken: serviceKey, token: userToken, ...config }
  try {
    await createClient(all).asServiceRole.connectors.getConnection(name)
  } catch (error) {
    if (error instanceof GrantryError) return error
    throw error
  }
  throw new Error(`${name} was not refused`)
}

describe("what the server says becomes a typed error", () => {
  test("never connected: NotConnectedError with everything from the answer", async () => {
    const error = await refusalOf("never_connected")
    expect(error).toBeInstanceOf(NotConnectedError)
    expect(error).toMatchObject({
      name: "NotConnectedError",
      message: "Connector connection not found",
      status: 404,
      code: "NOT_FOUND",
      requestId: "req_42",
      docsUrl: "https://docs.example/errors/NOT_FOUND",
    })
    expect(error.retryAfterMs).toBeUndefined()
    expect(error.data).toMatchObject({ detail: "Connector connection not found", request_id: "req_42" })
  })

  test("grant dead: ReconnectRequiredError with the page to send the user to and since when", async () => {
    const error = await refusalOf("grant_dead")
    expect(error).toBeInstanceOf(ReconnectRequiredError)
    expect(error).toMatchObject({
      status: 409,
      reconnectUrl: "https://grantry.example/connect/att_1",
      since: new Date("2026-01-02T03:04:05.000Z"),
      providerError: "invalid_grant",
    })
  })

  test("grant dead without further facts: they are undefined", async () => {
    const error = await refusalOf("grant_dead_shared")
    expect(error).toBeInstanceOf(ReconnectRequiredError)
    expect({ ...error, data: null }).toEqual({
      name: "ReconnectRequiredError",
      status: 409,
      code: "RECONNECT_REQUIRED",
      data: null,
      requestId: "req_42",
      docsUrl: "https://docs.example/errors/RECONNECT_REQUIRED",
    })
  })

  test.each(["provider_away", "client_rejected"])(
    "%s: ProviderUnavailableError, the connection lives on",
    async (name) => {
      const error = await refusalOf(name)
      expect(error).toBeInstanceOf(ProviderUnavailableError)
      expect(error.status).toBe(503)
    },
  )

  test("the server's own trouble is a plain GrantryError that says when to try again", async () => {
    const error = await refusalOf("storage_away")
    expect(error).not.toBeInstanceOf(ProviderUnavailableError)
    expect(error).toMatchObject({ code: "STORAGE_UNAVAILABLE", retryAfterMs: 7000 })
  })

  test("a 404 with another code is not a missing connection", async () => {
    const error = await refusalOf("unknown_type")
    expect(error).not.toBeInstanceOf(NotConnectedError)
    expect(error.code).toBe("UNKNOWN_CONNECTOR_TYPE")
  })

  test("an unknown credential", async () => {
    expect(await refusalOf("slack", { serviceToken: "gsk_wrong" })).toMatchObject({
      name: "GrantryError",
      message: "Unauthorized",
      status: 401,
      code: "UNAUTHORIZED",
    })
  })

  test("the message is error.message before message before detail, the code error.code before code", async () => {
    expect(await refusalOf("nested_error")).toMatchObject({ message: "inner sentence", code: "INNER" })
    expect(await refusalOf("detail_only")).toMatchObject({ message: "only a detail", code: undefined })
  })

  test("the code comes from the header when the body has none", async () => {
    const error = await refusalOf("header_only")
    expect(error).toBeInstanceOf(NotConnectedError)
    expect(error.code).toBe("not_found")
  })

  test("a Retry-After that is no number of seconds is left out", async () => {
    expect((await refusalOf("retry_date")).retryAfterMs).toBeUndefined()
  })
})

describe("what is no answer of a Grantry server", () => {
  test("a proxy's error page: the status, no data", async () => {
    expect(await refusalOf("proxy_page")).toMatchObject({
      message: `${server.url}/api/apps/${appId}/external-auth/tokens/proxy_page answered 502 without saying why`,
      status: 502,
      code: undefined,
      data: undefined,
    })
  })

  test("a web page with status 200 points at serverUrl", async () => {
    expect((await refusalOf("web_page")).message).toContain("does serverUrl name a Grantry server?")
  })

  test.each(["empty_token", "null_answer"])("%s: an answer without a token is refused", async (name) => {
    expect(await refusalOf(name)).toMatchObject({ message: "The answer holds no access token", status: 200 })
  })

  test("a redirect is not followed: the tokens stay here", async () => {
    const error = await refusalOf("moved")
    expect(error).toMatchObject({ status: 307, message: expect.stringContaining("redirects: set serverUrl") })
    expect(server.lastSeen().path).toMatch(/moved$/)
  })

  test("no listener: no status, no code, the cause kept", async () => {
    const error = await refusalOf("slack", { serverUrl: "http://127.0.0.1:9" })
    expect({ ...error }).toEqual({ name: "GrantryError" })
    expect(error.message).toMatch(/could not be reached/)
    expect(error.cause).toBeInstanceOf(Error)
  })

  test("an answer that breaks off", async () => {
    const error = await refusalOf("breaks_off")
    expect(error.status).toBeUndefined()
    expect(error.message).toContain("could not be reached")
  })

  test("the deadline counts the body too", async () => {
    const error = await refusalOf("stalls", { timeoutMs: 80 })
    expect({ ...error }).toEqual({ name: "GrantryError" })
    expect(error.message).toMatch(/did not answer within 80 ms$/)
    expect(error.cause).toMatchObject({ name: "TimeoutError" })
  })
})

describe("no error holds a token", () => {
  const printed = (error: GrantryError): string =>
    [inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error), String(error), error.stack].join(
      "\n",
    )

  test.each(["echoes_as_page", "echoes_as_json"])(
    "%s: tokens that the answer repeats are taken out",
    async (name) => {
      const error = await refusalOf(name)
      expect(printed(error)).not.toContain("canary")
    },
  )

  test("what remains of such an answer is still readable", async () => {
    expect(await refusalOf("echoes_as_json")).toMatchObject({ code: "ECHO", message: "saw Bearer [token]" })
  })

  test.each(["empty_token", "web_page", "proxy_page", "breaks_off", "moved", "grant_dead"])(
    "%s",
    async (name) => {
      expect(printed(await refusalOf(name))).not.toContain("canary")
    },
  )

  test("not when the server cannot be reached, nor when it is too slow", async () => {
    expect(printed(await refusalOf("slack", { serverUrl: "http://127.0.0.1:9" }))).not.toContain("canary")
    expect(printed(await refusalOf("stalls", { timeoutMs: 80 }))).not.toContain("canary")
  })

  test("toJSON names what a log needs and leaves out the cause", async () => {
    const json: unknown = JSON.parse(JSON.stringify(await refusalOf("provider_away")))
    expect(json).toEqual({
      name: "ProviderUnavailableError",
      message: "Slack does not answer",
      status: 503,
      code: "PROVIDER_UNAVAILABLE",
      data: expect.objectContaining({ code: "PROVIDER_UNAVAILABLE" }),
      requestId: "req_42",
      docsUrl: "https://docs.example/errors/PROVIDER_UNAVAILABLE",
      retryAfterMs: 7000,
    })
    const unreachable = await refusalOf("slack", { serverUrl: "http://127.0.0.1:9" })
    expect(JSON.stringify(unreachable)).not.toContain("cause")
  })
})
