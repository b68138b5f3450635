import { expect, test } from "vitest"
import { measureSdkSize, measureWholeSdk } from "../../bench/sdk-size.ts"

test("what a page imports of the SDK stays within 3,000 bytes, minified and gzipped", async () => {
  const { gzipBytes, ratio } = await measureSdkSize()
  expect(gzipBytes).toBeGreaterThan(1000)
  expect(ratio).toBeLessThanOrEqual(1)
})

test("all of it, with what only backend code needs, stays within 3,300", async () => {
  expect((await measureWholeSdk()).gzipBytes).toBeLessThanOrEqual(3300)
})
