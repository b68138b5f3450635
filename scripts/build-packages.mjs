/**
 * `npm run build`, and `prepack` of every package: a clean build of all of them, since they are published together, with
 * what they read at run time beside it.
 */
import { execFileSync } from "node:child_process"
import { cpSync, rmSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const packages = ["catalog", "sdk", "sandbox", "server", "cli"].map((name) => join(root, "packages", name))

for (const folder of packages)
  for (const built of ["dist", "tsconfig.tsbuildinfo"])
    rmSync(join(folder, built), { recursive: true, force: true })
// What is said goes to stderr: `npm pack --json` answers on stdout.
execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b", ...packages], {
  stdio: ["ignore", 2, 2],
})
cpSync(join(root, "docs/errors"), join(root, "packages/server/dist/error-pages"), { recursive: true })
for (const folder of packages) cpSync(join(root, "LICENSE"), join(folder, "LICENSE"))
