/** The files of the built dashboard, as `vite build` wrote them. */
import { readFile } from "node:fs/promises"
import { extname } from "node:path"
import { promisify } from "node:util"
import { gzip } from "node:zlib"

const compress = promisify(gzip)
const folder = new URL("../../../dashboard/dist/", import.meta.url)

/** Its hash is in its name: what was read once stays true. */
export interface Asset {
  readonly type: string
  readonly body: Buffer
  readonly gzipped: Buffer
}

const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
}

export interface DashboardFiles {
  /** The page with its placeholders; undefined while nothing is built. */
  page(): Promise<string | undefined>
  asset(name: string): Promise<Asset | undefined>
}

export function dashboardFiles(): DashboardFiles {
  const known = new Map<string, Asset>()
  return {
    page: async () => (await readIfThere("index.html"))?.toString("utf8"),
    async asset(name) {
      const found = known.get(name) ?? (await readAsset(name))
      if (found) known.set(name, found)
      return found
    },
  }
}

async function readAsset(name: string): Promise<Asset | undefined> {
  const type = types[extname(name)]
  // The whole name is checked, so that no path leads out of the folder.
  if (type === undefined || !/^[\w-][\w.-]*$/.test(name)) return undefined
  const body = await readIfThere(`assets/${name}`)
  return body && { type, body, gzipped: await compress(body) }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(new URL(path, folder))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined
    throw error
  }
}
