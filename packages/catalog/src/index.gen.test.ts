import { execFileSync, spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { indexSource } from "../scripts/index-source.ts"

const scripts = fileURLToPath(new URL("../scripts/", import.meta.url))

describe("the generated index", () => {
  it("is what the generator writes now", () => {
    execFileSync(process.execPath, [join(scripts, "generate-index.ts"), "--check"])
  })

  it("is called stale, with exit code 1 and unchanged, until it is generated again", () => {
    const root = mkdtempSync(join(tmpdir(), "grantry-index-"))
    try {
      cpSync(scripts, join(root, "scripts"), { recursive: true })
      mkdirSync(join(root, "src/services"), { recursive: true })
      writeFileSync(join(root, "package.json"), `{"type":"module"}`)
      writeFileSync(join(root, "src/services/acme-crm.ts"), "")
      const run = (...args: string[]) =>
        spawnSync(process.execPath, [join(root, "scripts/generate-index.ts"), ...args])
      expect(run("--check").status).toBe(1)
      expect(run().status).toBe(0)
      expect(run("--check").status).toBe(0)
      writeFileSync(join(root, "src/services/acme.ts"), "")
      const before = readFileSync(join(root, "src/index.gen.ts"), "utf8")
      const stale = run("--check")
      expect(stale.status).toBe(1)
      expect(stale.stderr.toString()).toContain("stale")
      expect(readFileSync(join(root, "src/index.gen.ts"), "utf8")).toBe(before)
    } finally {
      rmSync(root, { recursive: true })
    }
  })

  it("names a type with an underscore after a file with a hyphen", () => {
    const source = indexSource(["google-analytics.ts", "airtable.ts"])
    expect(source).toContain(`import { googleAnalytics } from "./services/google-analytics.ts"`)
    expect(source).toContain(`  | "airtable"\n  | "google_analytics"\n`)
  })

  it("refuses a file name that is not kebab-case", () => {
    expect(() => indexSource(["Airtable.ts"])).toThrow("kebab-case")
    expect(() => indexSource(["google_analytics.ts"])).toThrow("kebab-case")
  })
})
