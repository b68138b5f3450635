/** The package.json files: what each published package needs at run time, and what comes with it. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly license?: string | { readonly type?: string }
  readonly licenses?: readonly { readonly type?: string }[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

export interface Package {
  /** Folder below the root. */
  readonly folder: string
  readonly manifest: Manifest
}

export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, "utf8")) as T
}

export function readPackages(root: string): readonly Package[] {
  return readdirSync(join(root, "packages")).map((name) => {
    const folder = `packages/${name}`
    return { folder, manifest: readJson<Manifest>(join(root, folder, "package.json")) }
  })
}

/** The dashboard's other dependencies are compiled into the page that the server brings. */
const compilers: ReadonlySet<string> = new Set(["vite", "@vitejs/plugin-react"])

/** Names of others' packages that come with this one. */
export function runtimeDependencies({ manifest }: Package): readonly string[] {
  const shipped = manifest.private === true ? manifest.devDependencies : manifest.dependencies
  const all = { ...shipped, ...manifest.optionalDependencies, ...requiredPeers(manifest) }
  return Object.keys(all).filter((name) => !/^@(?:grantry|types)\//.test(name) && !compilers.has(name))
}

/** What the package may use, also what is loaded only where somebody has installed and configured it. */
export function namedDependencies(one: Package): readonly string[] {
  return [...new Set([...runtimeDependencies(one), ...Object.keys(one.manifest.peerDependencies ?? {})])]
}

function requiredPeers({
  peerDependencies = {},
  peerDependenciesMeta = {},
}: Manifest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(peerDependencies).filter(([name]) => peerDependenciesMeta[name]?.optional !== true),
  )
}

/** Everything that is installed with these packages, found in node_modules as Node finds it. */
export function installedWith(root: string, packages: readonly Package[]): readonly Manifest[] {
  const found = new Map<string, Manifest>()
  const open = packages.flatMap((one) =>
    runtimeDependencies(one).map((name) => ({ name, from: join(root, one.folder) })),
  )
  for (let next = open.pop(); next; next = open.pop()) {
    const folder = locate(next.name, next.from)
    if (folder === undefined || found.has(folder)) continue
    const manifest = readJson<Manifest>(join(folder, "package.json"))
    found.set(folder, manifest)
    const needs = { ...manifest.dependencies, ...manifest.optionalDependencies, ...requiredPeers(manifest) }
    for (const name of Object.keys(needs)) open.push({ name, from: folder })
  }
  return [...found.values()]
}

/** Undefined for what is optional and not there. */
function locate(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name)
    if (existsSync(join(candidate, "package.json"))) return candidate
    if (dirname(folder) === folder) return undefined
  }
}
