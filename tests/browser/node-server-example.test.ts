import { chromium, type Browser } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { freePort, runExample, type RunningExample } from "../examples/run-example.ts"
import { chromiumArguments, findChromium } from "./find-chromium.ts"

let browser: Browser
let port: number
let running: RunningExample

beforeAll(async () => {
  port = await freePort()
  running = await runExample("node-server", port, /Open http/)
  browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments })
})
afterAll(async () => {
  await browser?.close()
  await running?.stop()
})

test("a user of the example signs in, connects in a window, and sees their calendar", async () => {
  const page = await browser.newPage()
  await page.goto(`http://localhost:${port}/`)
  await page.fill("input[name=name]", "ada")
  await page.click("button")
  await page.waitForFunction("document.getElementById('events')?.textContent.includes('reason')")
  const [popup] = await Promise.all([page.waitForEvent("popup"), page.click("#connect")])
  await popup.waitForURL(/\/connect\//)
  expect(await popup.innerText("body")).toContain("ada")
  await popup.click("button[type=submit]")
  await popup.waitForURL(/\/sandbox\//)
  await Promise.all([popup.waitForEvent("close"), popup.click("button")])
  await page.waitForFunction("document.getElementById('events')?.textContent.includes('sandbox#resource')")
})
