/** After `npm ci`: builds the dashboard, unless the tools for it were left out (`--omit=dev`). */
import { fileURLToPath } from "node:url"

async function loadVite() {
  try {
    return await import("vite")
  } catch (error) {
    if (error.code === "ERR_MODULE_NOT_FOUND") return undefined
    throw error
  }
}

const vite = await loadVite()
if (vite) await vite.build({ root: fileURLToPath(new URL("..", import.meta.url)), logLevel: "warn" })
else process.stderr.write("The dashboard was not built: that takes the development dependencies.\n")
