import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { afterAll, beforeAll, expect, test } from "vitest"
import { webhooksOf } from "../events/webhook-steps.ts"
import { createApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { startTestServer, type TestServer } from "../harness/server.ts"

const root = new URL("../../", import.meta.url)
const program = new URL("examples/webhook-receiver/receiver.ts", root)
const patience = { timeout: 20_000 }

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ database: "sqlite", webhookIntervalMs: 50 })
})
afterAll(() => server.destroy())

/** The secret is known once an endpoint is registered, so that the port must be known before the receiver runs. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1")
  await once(probe, "listening")
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, "close")
  return port
}

test("docs/webhooks.md shows the example as it is", () => {
  const shown = /```ts\n(.*?)```/s.exec(readFileSync(new URL("docs/webhooks.md", root), "utf8"))?.[1]
  expect(shown).toBe(readFileSync(program, "utf8"))
})

test("the example prints what happened, and takes nothing that is not signed", async () => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  const webhooks = await webhooksOf(server.url)
  const { body } = await webhooks.create({ url, events: ["connection.connected"] })
  const receiver = spawn(process.execPath, [program.pathname], {
    env: { PATH: process.env["PATH"], WEBHOOK_SECRET: body.secret, PORT: String(port) },
    stdio: ["ignore", "pipe", "inherit"],
  })
  let printed = ""
  receiver.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()))
  try {
    await expect.poll(() => printed, patience).toContain("listening")
    const begun = await connectShared(server.url, await createApp(server.url), "slack")
    await expect.poll(() => printed, patience).toContain(`connection.connected ${begun.connection_id}\n`)
    expect((await fetch(url, { method: "POST", body: "{}" })).status).toBe(400)
    expect((await webhooks.deliveries(body.id))[0]).toMatchObject({ outcome: "delivered", http_status: 204 })
  } finally {
    const ended = once(receiver, "exit")
    receiver.kill()
    await ended
  }
})
