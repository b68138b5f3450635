/** The command line as people run it: the real program in a process of its own, in a folder of its own. */
import { spawn } from "node:child_process"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { text } from "node:stream/consumers"

export const program = join(import.meta.dirname, "../../packages/cli/bin/grantry.mjs")

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** Below the home folder. */
  readonly cwd?: string
}

/** A person's folder: nothing of this machine's settings reaches the command. */
export interface Home extends AsyncDisposable {
  readonly path: string
  readonly env: Readonly<Record<string, string>>
  run(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** The result of a command that is run with `--json`. */
  json<Result>(args: readonly string[], options?: RunOptions): Promise<Result>
  write(name: string, content: string): Promise<void>
  read(name: string): Promise<string>
}

export async function makeHome(env: Readonly<Record<string, string>> = {}): Promise<Home> {
  const path = await mkdtemp(join(tmpdir(), "grantry-home-"))
  const full = { PATH: process.env["PATH"] ?? "", HOME: path, XDG_CONFIG_HOME: join(path, ".config"), ...env }
  const run = (args: readonly string[], options: RunOptions = {}) =>
    runProgram(process.execPath, [program, ...args], {
      cwd: join(path, options.cwd ?? "."),
      env: { ...full, ...options.env },
      input: options.input ?? "",
    })
  return {
    path,
    env: full,
    run,
    async json<Result>(args: readonly string[], options?: RunOptions) {
      const { stderr, stdout } = await run([...args, "--json"], options)
      try {
        return JSON.parse(stdout) as Result
      } catch {
        throw new Error(`not JSON: ${stdout}\n${stderr}`)
      }
    },
    async write(name, content) {
      await mkdir(dirname(join(path, name)), { recursive: true })
      await writeFile(join(path, name), content)
    },
    read: (name) => readFile(join(path, name), "utf8"),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}

export async function runProgram(
  file: string,
  args: readonly string[],
  { cwd, env, input }: { cwd: string; env: Readonly<Record<string, string>>; input: string },
): Promise<Ran> {
  const child = spawn(file, args, { cwd, env })
  const exited = new Promise<number | null>((done) => child.on("close", done))
  child.stdin.end(input)
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  return { code, stdout, stderr }
}
