/** Every page in light and dark, wide and narrow: nothing inaccessible, nothing cut off, nothing from elsewhere. */
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, type TestApp } from "../../harness/api.ts"
import { connectShared } from "../../harness/connect.ts"
import { firstWorkspace } from "../../harness/members.ts"
import type { TestServer } from "../../harness/server.ts"
import { seriousFindings, sidewaysExcess } from "./axe-findings.ts"
import { picture } from "./screenshots.ts"
import { beginVisit, launchChromium, signIn, startDashboard } from "./visit.ts"

let server: TestServer
let browser: Browser
let app: TestApp
let paths: readonly string[]
/** What no other test has a picture of. */
let pictured: Readonly<Record<string, string>>

beforeAll(async () => {
  server = await startDashboard()
  browser = await launchChromium()
  const ws = await firstWorkspace(server.url)
  app = await createApp(server.url, "Weekly report")
  await connectShared(server.url, app, "dropbox")
  const connector = await call<{ id: string }>(server.url, "POST", `/api/workspace/${ws}/connectors`, {
    body: { integration_type: "hubspot", name: "Marketing" },
  })
  const webhook = await call<{ id: string }>(server.url, "POST", `/api/workspace/${ws}/webhooks`, {
    body: { url: "http://127.0.0.1:9/a/rather/long/path/of/an/endpoint", events: ["connection.connected"] },
  })
  await call(server.url, "POST", `/api/workspace/${ws}/webhooks/${webhook.body.id}/test`)
  paths = [
    `/workspaces/${ws}`,
    `/workspaces/${ws}/connectors`,
    `/workspaces/${ws}/connectors/new`,
    `/workspaces/${ws}/connectors/${connector.body.id}`,
    `/workspaces/${ws}/members`,
    `/workspaces/${ws}/api-keys`,
    `/workspaces/${ws}/webhooks`,
    `/workspaces/${ws}/webhooks/${webhook.body.id}`,
    `/workspaces/${ws}/audit`,
    `/workspaces/${ws}/settings`,
    `/workspaces/${ws}/health`,
    `/apps/${app.id}/integrations`,
    `/apps/${app.id}/integrations/dropbox`,
    `/apps/${app.id}/users`,
    `/apps/${app.id}/keys`,
    `/apps/${app.id}/settings`,
    "/account",
    "/playground",
  ]
  pictured = {
    apps: `/workspaces/${ws}`,
    connectors: `/workspaces/${ws}/connectors`,
    "api-keys": `/workspaces/${ws}/api-keys`,
    "workspace-settings": `/workspaces/${ws}/settings`,
    integration: `/apps/${app.id}/integrations/notion`,
  }
})
afterAll(async () => {
  await browser?.close()
  await server?.destroy()
})

async function show(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await page.getByRole("heading", { level: 1 }).first().waitFor()
  await expect.poll(() => page.getByLabel("Loading").count(), { timeout: 20_000 }).toBe(0)
}

describe.each(["light", "dark"] as const)("in %s colours", (scheme) => {
  test("no page has a serious finding of axe, an error in the console, or a request to elsewhere", async () => {
    const visit = await beginVisit(browser, server, { scheme })
    try {
      await signIn(visit.page)
      const findings: string[] = []
      for (const path of paths) {
        await show(visit.page, path)
        findings.push(...(await seriousFindings(visit.page)).map((text) => `${path} ${text}`))
      }
      expect(findings).toEqual([])
      await show(visit.page, `/apps/${app.id}/integrations`)
      await picture(visit.page, `integrations-${scheme}`)
      if (scheme === "light")
        for (const [name, path] of Object.entries(pictured)) {
          await show(visit.page, path)
          await picture(visit.page, name)
        }
    } finally {
      await visit.close()
    }
  }, 180_000)
})

test("no page scrolls sideways at 360 pixels, and the menu opens there", async () => {
  const visit = await beginVisit(browser, server, { width: 360 })
  try {
    await signIn(visit.page)
    const wide: string[] = []
    for (const path of paths) {
      await show(visit.page, path)
      const excess = await sidewaysExcess(visit.page)
      if (excess > 0) wide.push(`${path} by ${excess}`)
    }
    expect(wide).toEqual([])
    await show(visit.page, `/apps/${app.id}/integrations/dropbox`)
    await picture(visit.page, "narrow")
    await visit.page.getByRole("button", { name: "Menu" }).click()
    await visit.page.getByRole("link", { name: "Health" }).click()
    await visit.page.getByRole("heading", { name: "Health" }).waitFor()
  } finally {
    await visit.close()
  }
}, 120_000)

test("an address that is no page says so inside the dashboard", async () => {
  const visit = await beginVisit(browser, server)
  try {
    await signIn(visit.page, undefined, "/workspaces/none/at/all")
    await visit.page.getByText("There is no page at this address").waitFor()
  } finally {
    await visit.close()
  }
})
