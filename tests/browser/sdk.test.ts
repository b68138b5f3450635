import { chromium, type Browser } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { appId, serviceKey, startContractServer, type ContractServer } from "../sdk/contract-server.ts"
import { bundleSdk, expectedOutcome, readScenario } from "../sdk/scenario-files.ts"
import { chromiumArguments, findChromium } from "./find-chromium.ts"

let server: ContractServer
let browser: Browser

beforeAll(async () => {
  const type = "text/javascript"
  server = await startContractServer({
    "/": { type: "text/html", body: "<!doctype html><title>Same origin</title>" },
    "/sdk.js": { type, body: await bundleSdk() },
    "/scenario.mjs": { type, body: await readScenario() },
  })
  browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments })
})

afterAll(async () => {
  await browser?.close()
  await server?.[Symbol.asyncDispose]()
})

test("the SDK does in a browser what it does in every other runtime", async () => {
  const page = await browser.newPage()
  await page.goto(server.url)
  const values = [server.url, appId, serviceKey].map((value) => JSON.stringify(value)).join(", ")
  const outcome: unknown = JSON.parse(
    await page.evaluate(
      `import("/scenario.mjs").then(async (m) => JSON.stringify(await m.scenario(${values})))`,
    ),
  )
  expect(outcome).toEqual(expectedOutcome(server.url))
})
