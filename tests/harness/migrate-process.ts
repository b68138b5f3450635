/** Brings a database up to date in a process of its own, to be killed on the way. Its argument is the database's URL. */
import { openStorage } from "../../packages/server/src/storage/open-storage.ts"

const storage = await openStorage({ url: process.argv[2] ?? "", poolSize: 1 })
await storage.close()
