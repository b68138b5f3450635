/** The two databases that are measured: a file in a scratch folder, and a PostgreSQL that is started for it. */
import { createDatabase, startPostgres } from "../tests/harness/postgres.ts"
import { inScratchFolder } from "./scratch-folder.ts"
import { databaseUrl } from "./seed.ts"

export type DatabaseKind = "SQLite" | "PostgreSQL"

export interface BenchDatabase {
  readonly url: string
  readonly dataDir: string
}

export async function onDatabase<T>(
  kind: DatabaseKind,
  work: (database: BenchDatabase) => Promise<T>,
): Promise<T> {
  return inScratchFolder(async (dataDir) => {
    if (kind === "SQLite") return work({ url: databaseUrl(dataDir), dataDir })
    const server = await startPostgres()
    try {
      const { url } = await createDatabase(server.url)
      return await work({ url, dataDir })
    } finally {
      await server.destroy()
    }
  })
}
