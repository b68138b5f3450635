import { mkdir, readFile, writeFile } from "node:fs/promises"
import { dirname } from "node:path"

/** Compilers that watch the file are not woken for nothing. @returns whether the file was written */
export async function writeIfChanged(path: string, text: string): Promise<boolean> {
  if ((await readIfThere(path)) === text) return false
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  return true
}

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8")
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined
    throw error
  }
}
