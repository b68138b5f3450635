#!/usr/bin/env node
// From a checkout the sources run as they are; what is published has been built.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

const source = fileURLToPath(new URL("../src/main.ts", import.meta.url))

if (existsSync(source)) {
  const child = spawn(process.execPath, ["--conditions=grantry-source", source, ...process.argv.slice(2)], {
    stdio: "inherit",
  })
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal))
  child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
} else {
  await import("../dist/main.js")
}
