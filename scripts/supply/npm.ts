/** What npm itself is asked. Its own words are not passed on: they may name a registry or a folder of this machine. */
import { execFile } from "node:child_process"

interface Ran {
  readonly code: number | null
  readonly stdout: string
}

function npm(root: string, args: readonly string[], timeoutMs: number): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd: root, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 }
    execFile("npm", [...args], options, (error, stdout) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : null
      resolve({ code, stdout })
    })
  })
}

/** A CycloneDX document of everything that is installed. */
export async function billOfMaterials(root: string): Promise<string> {
  const args = ["sbom", "--sbom-format", "cyclonedx"]
  const { code, stdout } = await npm(root, args, 120_000)
  if (code !== 0) throw new Error(`npm sbom ended with ${code}`)
  return stdout
}

export type Signatures =
  | { readonly state: "judged"; readonly problems: readonly string[] }
  /** Nobody answered: that says nothing about the packages. */
  | { readonly state: "unknown" }

interface Unsigned {
  readonly name: string
  readonly version: string
}

/** Whether the registry's signatures are those of what is installed. */
export async function judgeSignatures(root: string): Promise<Signatures> {
  const args = ["audit", "signatures", "--json", "--fetch-retries=0", "--fetch-timeout=15000"]
  const { stdout } = await npm(root, args, 90_000)
  return readSignatures(stdout)
}

export function readSignatures(stdout: string): Signatures {
  const report = parse(stdout)
  if (!report?.invalid || !report.missing) return { state: "unknown" }
  const problems = [
    ...report.invalid.map(({ name, version }) => `${name}@${version} is signed by somebody else`),
    ...report.missing.map(({ name, version }) => `${name}@${version} is not signed`),
  ]
  return { state: "judged", problems }
}

function parse(text: string): { invalid?: readonly Unsigned[]; missing?: readonly Unsigned[] } | undefined {
  try {
    return JSON.parse(text) as { invalid?: readonly Unsigned[]; missing?: readonly Unsigned[] }
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
