import { defineConfig } from "vitest/config"
import { CountReporter } from "./tests/harness/count-reporter.ts"
import { retries } from "./tests/harness/retries.ts"

/** Tests that drive the machine's Chromium; they fail, and say why, where there is none. */
export default defineConfig({
  resolve: { conditions: ["grantry-source"] },
  ssr: { resolve: { conditions: ["grantry-source"], externalConditions: ["grantry-source"] } },
  test: {
    include: ["tests/browser/**/*.test.ts"],
    reporters: ["default", new CountReporter()],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: retries,
    // One browser at a time is as much as two cores can drive without flakes.
    maxWorkers: 1,
  },
})
