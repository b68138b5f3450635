import { defineConfig } from "vitest/config"

/** Tests that drive the machine's Chromium; they fail, and say why, where there is none. */
export default defineConfig({
  resolve: { conditions: ["grantry-source"] },
  ssr: { resolve: { conditions: ["grantry-source"], externalConditions: ["grantry-source"] } },
  test: {
    include: ["tests/browser/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One browser at a time is as much as two cores can drive without flakes.
    maxWorkers: 1,
  },
})
