import { expect, test, vi } from "vitest"
import { call } from "../harness/api.ts"
import { consent } from "../harness/connect.ts"
import { freePort, runExample } from "./run-example.ts"

// Two processes start per example, on a machine that runs other tests too.
vi.setConfig({ testTimeout: 120_000 })

test("the nightly job does its work for everybody whose grant lives, and names the one whose does not", async () => {
  const job = await runExample("nightly-job", await freePort())
  expect(await job.ended).toBe(0)
  expect(JSON.parse(/^\{"done".*$/m.exec(job.said())?.[0] ?? "null")).toEqual({
    done: 2,
    // The one of the three whose refresh comes first.
    reconnect: [expect.stringMatching(/^(ada|grace|katherine)$/)],
    later: [],
    failed: [],
  })
})

test("the function sends its caller to connect, and then reads their calendar", async () => {
  const running = await runExample("app-user-function", await freePort(), /Listening on/)
  try {
    const [, bearer = "", url = ""] = /Bearer ([^"]+)" (\S+)/.exec(running.said()) ?? []
    const read = () => call<{ connect: string; kind: string }>(url, "GET", "", { as: { bearer } })
    const before = await read()
    expect(before.status).toBe(409)
    await consent(before.body.connect)
    const after = await read()
    expect(after).toMatchObject({ status: 200, body: { kind: "sandbox#resource" } })
  } finally {
    expect(await running.stop()).toBe(0)
  }
})
