/** SECURITY.md line 16: what the harness searches when a server is closed, shown with a leak of our own in each sink. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { subscribe, unsubscribe } from "node:diagnostics_channel"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { FastifyInstance } from "fastify"
import { describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { plantedSecrets } from "../harness/canaries/planted.ts"
import { expectNoSecret } from "../harness/canaries/sinks.ts"
import { connectShared } from "../harness/connect.ts"
import { signInOnPage, startWithOwner } from "../harness/members.ts"
import { moveClock } from "../harness/sandbox.ts"
import { databases, ownerKey, type TestServer } from "../harness/server.ts"
import { startWebhookReceiver } from "../harness/webhook-receiver.ts"
import { openRaw } from "./raw-database.ts"

const type = "googlecalendar"

interface Connected {
  readonly server: TestServer
  readonly app: TestApp
  readonly token: string
}

/** A server whose own route `/leak/:type` answers the token in the way that it is asked for. */
async function startConnected(database: (typeof databases)[number]): Promise<Connected> {
  let token = ""
  const addLeak = (message: unknown): void => {
    const { fastify } = message as { readonly fastify: FastifyInstance }
    fastify.get("/leak/:status", (request, reply) => {
      const { status } = request.params as { readonly status: string }
      return reply.status(Number(status)).type("text/html").send(`<p>${token}</p>`)
    })
  }
  subscribe("fastify.initialization", addLeak)
  const server = await startWithOwner({ database }).finally(() =>
    unsubscribe("fastify.initialization", addLeak),
  )
  const app = await createApp(server.url)
  await connectShared(server.url, app, type)
  token = (await fetchToken(server.url, app, type)).body.access_token
  return { server, app, token }
}

describe.each(databases)("canaries on %s", (database) => {
  test("a server that leaks nothing is closed without a word, whatever it handed out", async () => {
    const { app, server } = await startConnected(database)
    await moveClock(server.url, 7_200_000)
    await fetchToken(server.url, app, type)
    await signInOnPage(server.url)
    await server.destroy()
    const kinds = [...plantedSecrets().values()]
    for (const kind of [
      "access_token",
      "refresh_token",
      "client_secret",
      "code",
      "code_verifier",
      "state",
      "cookie",
      "key",
      "GRANTRY_BOOTSTRAP_PASSWORD",
      "master key",
    ])
      expect(kinds).toContain(kind)
    expect([...plantedSecrets().keys()]).toContain(ownerKey)
  })

  const leaks: readonly (readonly [sink: string, leak: (at: Connected) => Promise<unknown>])[] = [
    ["log", async ({ server, token }) => server.log.info({ token }, "a token")],
    ["file notes.txt", ({ server, token }) => writeFile(join(server.dataDir, "notes.txt"), `x${token}`)],
    ["pages, errors and metrics", ({ server }) => call(server.url, "GET", "/leak/400", { as: null })],
    ["pages, errors and metrics", ({ server }) => call(server.url, "GET", "/leak/200", { as: null })],
    ["process arguments", ({ token }) => longProcess(token)],
  ]
  test.each(leaks)("a token in the sink '%s' fails the close", async (sink, leak) => {
    const connected = await startConnected(database)
    const ended = await leak(connected)
    try {
      await expect(connected.server.destroy()).rejects.toThrow(`access_token (raw) in ${sink}`)
    } finally {
      if (ended instanceof AbortController) ended.abort()
    }
  })

  test.each(["utf8", "hex", "base64", "base64url"] as const)(
    "a token in the database as %s fails the close",
    async (encoding) => {
      const { app, server, token } = await startConnected(database)
      const text = Buffer.from(`of ${token}`).toString(encoding)
      if (database === "sqlite") await server.stop()
      await openRaw(server.databaseUrl, (raw) =>
        raw.run(`update apps set name = '${text}' where id = '${app.id}'`),
      )
      await expect(server.destroy()).rejects.toThrow(
        /access_token \((raw|hex|base64|base64url)\) in table apps/,
      )
    },
  )

  test("a token in the bytes of a sealed value's column fails the close", async () => {
    const { app, server, token } = await startConnected(database)
    if (database === "sqlite") await server.stop()
    const hex = Buffer.from(`\u0000\u0001${token}`).toString("hex")
    const bytes = database === "sqlite" ? `x'${hex}'` : `'\\x${hex}'::bytea`
    await openRaw(server.databaseUrl, (raw) =>
      raw.run(`update connections set sealed_access_token = ${bytes} where app_id = '${app.id}'`),
    )
    await expect(server.destroy()).rejects.toThrow("access_token (raw) in table connections")
  })
})

test("a token in what is left of a row that was deleted fails the close: SQLite's file and its WAL", async () => {
  const { server, token } = await startConnected("sqlite")
  await openRaw(server.databaseUrl, async (raw) => {
    await raw.run(`create table scratch (text text); insert into scratch values ('${token}')`)
    await raw.run("drop table scratch")
  })
  await expect(server.destroy()).rejects.toThrow(/access_token \(raw\) in file grantry\.db/)
})

test("a token in a webhook fails the receiver's close", async () => {
  const { server, token } = await startConnected("sqlite")
  await server.destroy()
  const receiver = await startWebhookReceiver()
  await fetch(receiver.url, { method: "POST", body: JSON.stringify({ type: "x", data: { token } }) })
  await expect(receiver.close()).rejects.toThrow("access_token (raw) in webhooks")
})

test("the failure names the kind and the place, never the secret", async () => {
  const { server, token } = await startConnected("sqlite")
  await server.destroy()
  try {
    expectNoSecret({ name: "a trace", content: `authorization: ${token}` })
    expect.unreachable()
  } catch (error) {
    expect(String(error)).toContain('access_token (raw) in a trace, after: "authorization: "')
    expect(String(error)).not.toContain(token)
  }
})

/** A process with the text among its arguments, until it is told to end. */
async function longProcess(text: string): Promise<AbortController> {
  const end = new AbortController()
  const child = spawn(process.execPath, ["-e", "setInterval(() => 0, 1000)", text], {
    signal: end.signal,
    stdio: "ignore",
  })
  child.on("error", (error) => {
    if (error.name !== "AbortError") throw error
  })
  await once(child, "spawn")
  return end
}
