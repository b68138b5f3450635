/** The SDK's package as it is published, built into a folder of its own so that no other build is disturbed. */
import { execFile } from "node:child_process"
import { cp, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"

const execute = promisify(execFile)
export const root = join(import.meta.dirname, "../..")

/** Runs a program of the repository; its output, whether it succeeds or not. */
export async function run(
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<{ ok: boolean; output: string }> {
  const env = {
    ...process.env,
    NO_COLOR: "1",
    FORCE_COLOR: "0",
    DENO_NO_UPDATE_CHECK: "1",
    DENO_DIR: join(cwd, ".deno"),
  }
  try {
    const { stdout, stderr } = await execute(join(root, "node_modules/.bin", program), args, { cwd, env })
    return { ok: true, output: stdout + stderr }
  } catch (error) {
    const read = (key: string): string => String(Reflect.get(Object(error), key) ?? "")
    return { ok: false, output: read("stdout") + read("stderr") + read("message") }
  }
}

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
}

export async function makeFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), "grantry-package-"))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** @param path an empty folder, which becomes the package */
export async function buildSdkPackage(path: string): Promise<void> {
  const sdk = join(root, "packages/sdk")
  for (const name of ["package.json", "src"]) await cp(join(sdk, name), join(path, name), { recursive: true })
  const args = ["-p", join(sdk, "tsconfig.json"), "--outDir", join(path, "dist")]
  const { ok, output } = await run(
    "tsc",
    [...args, "--tsBuildInfoFile", join(path, "tsconfig.tsbuildinfo")],
    root,
  )
  if (!ok) throw new Error(output)
}
