#!/usr/bin/env node
/** Starts the command line: built where it was installed from a registry, from its sources in a checkout. */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
// As a whole: an old Node lacks some of the names, and must get as far as saying so.
import module from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"

const folder = join(import.meta.dirname, "..")
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)

if (major < 22 || (major === 22 && minor < 18)) {
  process.exitCode = runOnCheckoutsNode()
} else {
  const sources = join(folder, "src/main.ts")
  const isCheckout = existsSync(sources)
  if (isCheckout) preferSources()
  await import(pathToFileURL(isCheckout ? sources : join(folder, "dist/main.js")).href)
}

/** The packages' export condition that names their sources, for this process only; compiled code is kept beside it. */
function preferSources() {
  module.enableCompileCache(join(folder, "node_modules/.cache/compiled"))
  module.registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...context.conditions, "grantry-source"] }),
  })
}

/** `npx` puts the checkout's Node first in PATH; called in any other way, an old Node hands over to it here. */
function runOnCheckoutsNode() {
  const node = findCheckoutsNode()
  if (node === undefined) {
    process.stderr.write(
      `grantry needs Node 22.18 or newer; this is ${process.version}. See https://nodejs.org.\n`,
    )
    return 1
  }
  const { status, signal } = spawnSync(node, [import.meta.filename, ...process.argv.slice(2)], {
    stdio: "inherit",
  })
  return status ?? (signal === "SIGINT" ? 130 : 1)
}

function findCheckoutsNode() {
  try {
    const file = join(module.createRequire(import.meta.url).resolve("node/package.json"), "../bin/node")
    return existsSync(file) ? file : undefined
  } catch (error) {
    if (error.code === "MODULE_NOT_FOUND") return undefined
    throw error
  }
}
