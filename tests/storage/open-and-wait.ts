/** Opens the database of its argument, says so, and holds it until it is ended. For tests of the file lock. */
import { openStorage } from "../../packages/server/src/storage/open-storage.ts"

const [url = "", holdMs = "60000"] = process.argv.slice(2)
try {
  const storage = await openStorage({ url })
  await storage.meta.put("owner", String(process.pid))
  process.stdout.write("open\n")
  await new Promise((resolve) => setTimeout(resolve, Number(holdMs)))
  await storage.close()
} catch (error) {
  process.stdout.write(error instanceof Error ? `${error.name}: ${error.message}\n` : "failed\n")
}
