/** Odd bytes in a path: each part is decoded once, never split again, and never fails inside. */
import { connect } from "node:net"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, type TestApp } from "../harness/api.ts"
import { databases, ownerKey, startTestServer, type TestServer } from "../harness/server.ts"

// Nothing, a slash, dots, half an escape, bytes that are no UTF-8, a header's end, an escape of an escape, too much.
const oddParts =
  "%00 %2F %2f..%2f ..%2F..%2F %zz % %E0%A4%A %ff %c0%ae a%0d%0ax:y %25252e %F0%9F%99%82 %20 %ED%A0%80"
    .split(" ")
    .concat("x".repeat(2_000))

describe.each(databases)("odd paths on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let workspaceId: string

  beforeAll(async () => {
    server = await startTestServer({ database })
    app = await createApp(server.url)
    const list = await call<{ workspaces: { id: string }[] }>(server.url, "GET", "/api/workspace/workspaces")
    workspaceId = list.body.workspaces[0]?.id ?? ""
  })
  afterAll(() => server.destroy())

  /** The status of a path sent as it stands: no client tidies it up. */
  async function statusOnWire(
    method: string,
    path: string,
    headers: Record<string, string> = { api_key: ownerKey },
  ): Promise<number> {
    const { host, hostname, port } = new URL(server.url)
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname)
      const chunks: Buffer[] = []
      socket.setTimeout(5_000, () => socket.destroy(new Error(`no answer to ${path}`)))
      socket.on("data", (chunk) => chunks.push(chunk)).on("error", reject)
      socket.on("end", () => resolve(Buffer.concat(chunks).toString()))
      const named = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
      socket.write(
        [`${method} ${path} HTTP/1.1`, `host: ${host}`, "connection: close", ...named, "", ""].join("\r\n"),
      )
    })
    return Number(answer.split(" ")[1])
  }

  const pathsWith = (odd: string): readonly string[] => [
    `/api/apps/${odd}`,
    `/api/apps/${odd}/external-auth/list`,
    `/api/apps/${odd}/external-auth/tokens/slack`,
    `/api/apps/${app.id}/external-auth/tokens/${odd}`,
    `/api/apps/${app.id}/external-auth/tokens/connectors/${odd}`,
    `/api/apps/${app.id}/service-keys/${odd}`,
    `/api/workspace/${odd}/connectors`,
    `/api/workspace/${workspaceId}/connectors/${odd}`,
    `/api/workspace/${workspaceId}/api-keys/${odd}`,
    `/connect/${odd}`,
    `/api/external-auth/callback/${odd}?state=x&code=y`,
    `/api/external-auth/callback/sandbox-slack?state=${odd}&code=y`,
    `/start/${odd}`,
    `/errors/${odd}`,
    `/${odd}`,
  ]

  test.each(oddParts.map((odd) => [odd.slice(0, 20), odd]))(
    "%s in every place of every path answers 4xx",
    async (_, odd) => {
      const failures = []
      for (const path of pathsWith(odd)) {
        for (const headers of [{ api_key: ownerKey }, { authorization: `Bearer ${app.serviceKey}` }]) {
          for (const method of ["GET", "DELETE"]) {
            const status = await statusOnWire(method, path, { ...headers })
            if (status < 400 || status >= 500) failures.push(`${method} ${path} ${status}`)
          }
        }
      }
      expect(failures).toEqual([])
      const query = `/api/apps/${app.id}/external-auth/status?integration_type=slack&connection_id=${odd}`
      expect(await statusOnWire("GET", query)).toBeLessThan(500)
    },
  )

  test("a path that cannot be decoded answers in the form of every other error", async () => {
    for (const path of [
      "/api/apps/%zz",
      `/api/apps/${"x".repeat(2_000)}`,
      `/api/apps/${app.id}/external-auth/tokens/%ff`,
    ]) {
      const answer = await call(server.url, "GET", path)
      expect(answer.status).toBeLessThan(500)
      expect(Object.keys(answer.body).sort()).toEqual(["code", "detail", "docs_url", "message", "request_id"])
      expect(answer.headers.get("cache-control")).toBe("no-store")
    }
  })

  test("a part is decoded exactly once and never split again", async () => {
    expect(await statusOnWire("GET", `/api/apps/${app.id}/external-auth%2Flist`)).toBe(404)
    expect(await statusOnWire("GET", `/api/apps/${app.id}%2Fexternal-auth%2Flist`)).toBe(404)
    const encoded = [...app.id].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join("")
    expect(await statusOnWire("GET", `/api/apps/${encoded}`)).toBe(200)
    expect(await statusOnWire("GET", `/api/apps/${encoded.replaceAll("%", "%25")}`)).toBe(404)
  })
})
