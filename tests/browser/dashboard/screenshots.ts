/** Pictures for docs/dashboard.md, taken by the tests that walk through the pages: `SCREENSHOTS=on`. */
import { mkdir } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import type { Page } from "playwright-core"

const folder = fileURLToPath(new URL("../../../docs/screenshots/", import.meta.url))

export async function picture(page: Page, name: string): Promise<void> {
  if (process.env["SCREENSHOTS"] !== "on") return
  await mkdir(folder, { recursive: true })
  await page.waitForLoadState("networkidle")
  await page.screenshot({ path: `${folder}${name}.png`, animations: "disabled", caret: "hide" })
}
