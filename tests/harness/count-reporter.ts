/** Ends every run with one plain line that any reader of a log understands. */
import type { Reporter, TestModule } from "vitest/node"

export class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 }
    const flaky: string[] = []
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      for (const test of tests) {
        const { state } = test.result()
        if (state !== "pending") counts[state] += 1
        if (test.diagnostic()?.flaky) flaky.push(`${module.relativeModuleId} > ${test.fullName}`)
      }
      // A file that could not be loaded holds no test that could fail.
      if (tests.length === 0 && module.state() === "failed") counts.failed += 1
    }
    for (const title of flaky) process.stdout.write(`passed only on the second try: ${title}\n`)
    process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`)
  }
}
