/**
 * `npm start`: the server from its sources. Plain JavaScript, so that with a warm cache nothing has to be compiled, and
 * the compiler of TypeScript is not even loaded. The cache lies with the code, since who may write it decides what runs.
 */
import { enableCompileCache } from "node:module"
import { join } from "node:path"

enableCompileCache(join(import.meta.dirname, "node_modules/.cache/compiled"))
await import("./src/main.ts")
