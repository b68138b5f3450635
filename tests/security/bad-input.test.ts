/** Whatever is sent: an answer below 500 that names the field and the way out, and a process that stays up. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { type Answer, call, createApp, type TestApp } from "../harness/api.ts"
import { neverPlant } from "../harness/canaries/planted.ts"
import { databases, ownerKey, startTestServer, type TestServer } from "../harness/server.ts"

interface ErrorBody {
  readonly code: string
  readonly detail: string
  readonly message: string
  readonly request_id: string
  readonly docs_url: string
}

describe.each(databases)("bad input on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let workspaceId: string
  let connectorId: string

  beforeAll(async () => {
    server = await startTestServer({ database })
    app = await createApp(server.url)
    const list = await call<{ workspaces: { id: string }[] }>(server.url, "GET", "/api/workspace/workspaces")
    workspaceId = list.body.workspaces[0]?.id ?? ""
    const body = { integration_type: "notion", name: "kept" }
    connectorId = (
      await call<{ id: string }>(server.url, "POST", `/api/workspace/${workspaceId}/connectors`, { body })
    ).body.id
  })
  afterEach(async () => {
    const ready = await call(server.url, "GET", "/readyz", { as: null })
    if (ready.status !== 200) throw new Error(`the server is not well: ${JSON.stringify(ready.body)}`)
  })
  afterAll(() => server.destroy())

  /** Routes that take a body, with one that is right. */
  const bodies = (): readonly (readonly [method: string, path: string, body: Record<string, unknown>])[] => [
    ["POST", "/api/apps", { name: "x" }],
    ["PUT", `/api/apps/${app.id}`, { name: "x" }],
    ["POST", `/api/apps/${app.id}/service-keys`, { name: "x" }],
    ["POST", `/api/apps/${app.id}/external-auth/initiate`, { integration_type: "slack" }],
    ["PUT", `/api/apps/${app.id}/external-auth/integrations/slack`, { scopes: [] }],
    ["POST", "/api/workspace/workspaces", { name: "x" }],
    ["POST", `/api/workspace/${workspaceId}/api-keys`, { name: "x" }],
    ["POST", `/api/workspace/${workspaceId}/connectors`, { integration_type: "slack", name: "x" }],
    ["PUT", `/api/workspace/${workspaceId}/connectors/${connectorId}`, { name: "kept" }],
  ]

  async function raw(
    method: string,
    path: string,
    body: string,
    type = "application/json",
  ): Promise<Answer<ErrorBody>> {
    const response = await fetch(server.url + path, {
      method,
      body,
      headers: { api_key: ownerKey, "content-type": type },
    })
    return { status: response.status, headers: response.headers, body: (await response.json()) as ErrorBody }
  }

  function expectRefusal(answer: Answer<unknown>, status: number, words?: string): void {
    expect(answer).toMatchObject({
      status,
      body: { code: "INVALID_REQUEST", request_id: expect.stringMatching(/^req_/) },
    })
    const { detail, docs_url, message } = answer.body as ErrorBody
    expect(message).toBe(detail)
    expect(docs_url).toBe(`${server.url}/errors/INVALID_REQUEST`)
    expect(detail).not.toMatch(/\n|node_modules|at \w+ \(|SQLITE|FST_/)
    if (words !== undefined) expect(detail).toContain(words)
  }

  test("JSON that is none, or is cut off, is refused with 400", async () => {
    for (const [method, path] of bodies()) {
      for (const text of [
        "{",
        '{"name": ',
        "nonsense",
        "\u0000",
        '{"__proto__": {"name": "x"}}',
        '{"constructor": {"prototype": {}}}',
      ]) {
        expectRefusal(await raw(method, path, text), 400)
      }
    }
  })

  test("JSON of another kind than an object is refused with 400", async () => {
    for (const [method, path] of bodies()) {
      for (const text of ["null", "[]", '"text"', "1", "true", ""])
        expectRefusal(await raw(method, path, text), 400, "body")
    }
  })

  test("each field of another type is refused with 400, and the answer names it", async () => {
    for (const [method, path, right] of bodies()) {
      for (const [name, value] of Object.entries(right)) {
        for (const wrong of [
          1,
          true,
          { a: 1 },
          [[1]],
          null,
          ...(Array.isArray(value) ? ["text", [1]] : [[], ["x"]]),
        ]) {
          expectRefusal(
            await call(server.url, method, path, { body: { ...right, [name]: wrong } }),
            400,
            `body.${name}`,
          )
        }
      }
    }
  })

  test("each field that is missing is refused with 400, and the answer names it", async () => {
    for (const [method, path, right] of bodies()) {
      // Of a change nothing is required.
      if (path.includes(connectorId) || path === `/api/apps/${app.id}`) continue
      for (const name of Object.keys(right)) {
        const body = Object.fromEntries(Object.entries(right).filter(([key]) => key !== name))
        expectRefusal(await call(server.url, method, path, { body }), 400, `body.${name}`)
      }
    }
  })

  test("unknown fields are refused on our own routes; the routes of the other CLI let them pass", async () => {
    for (const [method, path, right] of bodies()) {
      const answer = await call(server.url, method, path, { body: { ...right, name2: "x" } })
      if (path === "/api/apps" || path.includes("external-auth")) expect(answer.status).toBe(200)
      else expectRefusal(answer, 400, "body.name2")
    }
  })

  test("names that are empty, blank, too long or hold control characters are refused", async () => {
    const names = ["", " ", "\t", "a\nb", "a\u0000b", "\u001b[31m", "a\u007fb", "x".repeat(101)]
    for (const [method, path, right] of bodies().filter(([, , right]) => "name" in right)) {
      for (const name of names)
        expectRefusal(await call(server.url, method, path, { body: { ...right, name } }), 400, "body.name")
    }
  })

  test("names in any script are kept as they are", async () => {
    for (const name of ["Büro №5", "会社", "🙂", "O'Reilly & Söhne <x>"]) {
      expect(await call(server.url, "POST", "/api/apps", { body: { name } })).toMatchObject({
        status: 200,
        body: { name },
      })
    }
  })

  test("strange text in every field that names something never fails inside", async () => {
    const connectors = `/api/workspace/${workspaceId}/connectors`
    const initiate = `/api/apps/${app.id}/external-auth/initiate`
    neverPlant(strange)
    const tries = strange.flatMap((text, index): [string, string, Record<string, unknown>][] => [
      ["POST", "/api/apps", { name: "x", organization_id: text }],
      ["POST", initiate, { integration_type: text }],
      ["POST", initiate, { integration_type: "slack", connector_id: text }],
      ["POST", initiate, { integration_type: "slack", scopes: [text] }],
      ["POST", initiate, { integration_type: "salesforce", connection_config: { hostname: text } }],
      ["POST", initiate, { integration_type: "salesforce", connection_config: { [text]: "x" } }],
      [
        "POST",
        connectors,
        { integration_type: "slack", name: `a ${index}`, client_id: text, client_secret: "x" },
      ],
      [
        "POST",
        connectors,
        { integration_type: "slack", name: `b ${index}`, client_id: "x", client_secret: text },
      ],
      ["POST", connectors, { integration_type: "slack", name: `c ${index} ${text}`.slice(0, 90) }],
      ["PUT", `${connectors}/${connectorId}`, { client_id: text }],
      ["PUT", `${connectors}/${connectorId}`, { client_secret: text }],
      ["POST", "/api/workspace/workspaces", { name: text }],
    ])
    const failures = []
    for (const [method, path, body] of tries) {
      const answer = await call(server.url, method, path, { body })
      if (answer.status >= 500) failures.push({ path, body, answer: answer.body })
    }
    expect(failures).toEqual([])
  })

  test("a body of 300 KB is refused with 413, on pages too", async () => {
    const name = "x".repeat(300 * 1024)
    for (const [method, path] of bodies())
      expectRefusal(await call(server.url, method, path, { body: { name } }), 413)
    const page = await fetch(`${server.url}/connect/unknown`, {
      method: "POST",
      body: new URLSearchParams({ csrf: name }),
    })
    expect(page.status).toBe(413)
  })

  test("a body of another content type is refused with 415", async () => {
    for (const [method, path] of bodies()) expectRefusal(await raw(method, path, "<x/>", "text/xml"), 415)
  })

  test("a form is no JSON: its fields are checked all the same", async () => {
    const answer = await raw(
      "POST",
      "/api/workspace/workspaces",
      "name=x&name2=y",
      "application/x-www-form-urlencoded",
    )
    expectRefusal(answer, 400, "body.name2")
  })

  test("thousands of scopes, config values or levels are refused", async () => {
    const path = `/api/apps/${app.id}/external-auth/initiate`
    const scopes = Array.from({ length: 201 }, (_, index) => `s${index}`)
    expectRefusal(
      await call(server.url, "POST", path, { body: { integration_type: "slack", scopes } }),
      400,
      "scopes",
    )
    const config = Object.fromEntries(scopes.map((name) => [name, "x"]))
    expectRefusal(
      await call(server.url, "POST", path, {
        body: { integration_type: "slack", connection_config: config },
      }),
      400,
      "connection_config",
    )
    const deep = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`
    expectRefusal(await raw("POST", path, deep), 400)
  })

  test("query parameters that are missing or repeated are refused by name", async () => {
    const path = `/api/apps/${app.id}/external-auth/status`
    expectRefusal(await call(server.url, "GET", path), 400, "integration_type")
    expectRefusal(await call(server.url, "GET", `${path}?integration_type=slack`), 400, "connection_id")
    const twice = `${path}?integration_type=slack&connection_id=a&connection_id=b`
    expectRefusal(await call(server.url, "GET", twice), 400, "connection_id")
  })

  test("methods that a path does not have answer 404", async () => {
    for (const [method, path] of [
      ["PATCH", "/api/apps"],
      ["DELETE", "/api/apps"],
      ["PUT", "/healthz"],
      ["POST", "/api/openapi.json"],
    ] as const) {
      expect(await call(server.url, method, path)).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } })
    }
  })
})

const strange = [
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\udfff\ud800",
  "\u202e",
  "x".repeat(300),
  "' or 1=1 --",
  "../..",
  "%00",
  "\r\nx: y",
]
