/** What the lock file must say of every package: where it comes from, what it holds, whether it may run a script. Pure. */

export interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly inBundle?: boolean
  readonly hasInstallScript?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
}

export interface Lockfile {
  readonly lockfileVersion: number
  readonly packages: Readonly<Record<string, LockedPackage>>
}

/** By name: true runs its install script, false never does. */
export type AllowedScripts = Readonly<Record<string, boolean>>

const registry = "https://registry.npmjs.org/"

export function lockfileProblems(lock: Lockfile): readonly string[] {
  return installed(lock).flatMap(([path, locked]) => packageProblems(path, locked))
}

function packageProblems(
  path: string,
  { inBundle, integrity, resolved, version }: LockedPackage,
): readonly string[] {
  const problems: string[] = []
  if (version === undefined) problems.push(`${path} has no version`)
  // Without an address npm asks the registry that it is told to use; what it gets must match the integrity all the same.
  if (resolved !== undefined && !resolved.startsWith(registry))
    problems.push(`${path} does not come from the public registry`)
  if (inBundle !== true && !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ""))
    problems.push(`${path} has no SHA-512 integrity`)
  return problems
}

/** Every install script that this platform would run is approved or denied by name, and nothing else is. */
export function scriptProblems(
  locks: readonly Lockfile[],
  allowed: AllowedScripts,
  platform: { readonly os: string; readonly cpu: string } = { os: "linux", cpu: "x64" },
): readonly string[] {
  const withScript = locks.flatMap(installed).filter(([, locked]) => locked.hasInstallScript === true)
  const names = new Set(withScript.map(([path]) => nameOf(path)))
  const unjudged = withScript.filter(
    ([path, locked]) => allowed[nameOf(path)] === undefined && runsOn(locked, platform),
  )
  // npm may know of a script that the lock file does not mark, e.g. one that a binding.gyp implies.
  const unknown = Object.keys(allowed).filter((name) => allowed[name] === true && !names.has(name))
  return [
    ...unjudged.map(([path]) => `${path} has an install script that allowScripts does not name`),
    ...unknown.map((name) => `allowScripts approves ${name}, which has no install script in the lock file`),
  ]
}

function installed({ packages }: Lockfile): readonly (readonly [path: string, locked: LockedPackage])[] {
  return Object.entries(packages).filter(
    ([path, { link }]) => path.includes("node_modules/") && link !== true,
  )
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)
}

function runsOn(
  { cpu, os }: LockedPackage,
  platform: { readonly os: string; readonly cpu: string },
): boolean {
  return (os?.includes(platform.os) ?? true) && (cpu?.includes(platform.cpu) ?? true)
}

const looseInstalls = [
  { pattern: /\bnpm\s+(?:i|install|add|update|up)\b(?!-)/, instead: "npm ci" },
  { pattern: /\bnpx\s+(?:-y|--yes)\b|\bnpm\s+exec\s+(?:-y|--yes)\b/, instead: "a devDependency" },
  { pattern: /\b(?:curl|wget)\b[^\n]*\|\s*(?:ba|z)?sh\b/, instead: "a package with an integrity" },
]

/** Installs beside the lock file, in what builds, tests and ships. */
export function installProblems(file: string, text: string): readonly string[] {
  return text
    .split("\n")
    .flatMap((line, index) =>
      looseInstalls.flatMap(({ instead, pattern }) =>
        pattern.test(line) ? [`${file}:${index + 1} installs beside the lock file; use ${instead}`] : [],
      ),
    )
}

/** A version that may become another one is no version. */
export function rangeProblems(
  file: string,
  dependencies: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.entries(dependencies)
    .filter(([, version]) => !/^(?:npm:[\w./@-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$|^file:/.test(version))
    .map(([name, version]) => `${file} names ${name} as "${version}", which is no exact version`)
}
