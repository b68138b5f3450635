import { expect, test } from "vitest"
import { measureSdkSize } from "../../bench/sdk-size.ts"

test("the SDK stays within 3,000 bytes, minified and gzipped", async () => {
  const { gzipBytes, ratio } = await measureSdkSize()
  expect(gzipBytes).toBeGreaterThan(1000)
  expect(ratio).toBeLessThanOrEqual(1)
})
