import { defineConfig } from "vitest/config"
import { CountReporter } from "./tests/harness/count-reporter.ts"
import { retries } from "./tests/harness/retries.ts"

export default defineConfig({
  resolve: { conditions: ["grantry-source"] },
  ssr: { resolve: { conditions: ["grantry-source"], externalConditions: ["grantry-source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "tests/**/*.test.ts"],
    exclude: ["tests/browser/**"],
    // One real PostgreSQL for the whole run; it starts in about half a second.
    globalSetup: ["tests/harness/postgres.ts"],
    reporters: ["default", new CountReporter()],
    retry: retries,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores are the smallest machine that must pass; each file starts servers of its own.
    maxWorkers: 2,
  },
})
