/** Ends every run with one plain line that any reader of a log understands. */
import type { Reporter, TestModule } from "vitest/node"

export class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 }
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      for (const test of tests) {
        const { state } = test.result()
        if (state !== "pending") counts[state] += 1
      }
      // A file that could not be loaded holds no test that could fail.
      if (tests.length === 0 && module.state() === "failed") counts.failed += 1
    }
    process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
  }
}
