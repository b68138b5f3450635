/** Needs `npm ci --prefix examples/nextjs`, as `.ci/run` does: Next.js is no part of the repository's own packages. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { chromium } from "playwright-core"
import { expect, test } from "vitest"
import { freePort, runExample } from "../examples/run-example.ts"
import { chromiumArguments, findChromium } from "./find-chromium.ts"

const isInstalled = existsSync(join(import.meta.dirname, "../../examples/nextjs/node_modules/next"))

test.runIf(isInstalled)(
  "a user of the Next.js page connects in a window and sees their calendar",
  async () => {
    const port = await freePort()
    const running = await runExample("nextjs", port, /Ready in/)
    const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments })
    try {
      const page = await browser.newPage()
      await page.goto(`http://localhost:${port}/`, { timeout: 90_000 })
      await page.waitForSelector("button:not([disabled])", { timeout: 60_000 })
      const [popup] = await Promise.all([page.waitForEvent("popup"), page.click("button")])
      await popup.waitForURL(/\/connect\//, { timeout: 60_000 })
      await popup.click("button[type=submit]")
      await popup.waitForURL(/\/sandbox\//)
      await Promise.all([popup.waitForEvent("close"), popup.click("button")])
      await page.waitForFunction("document.querySelector('pre')?.textContent.includes('sandbox#resource')")
      expect(await page.textContent("pre")).toContain("sandbox#resource")
    } finally {
      await browser.close()
      await running.stop()
    }
  },
  240_000,
)
