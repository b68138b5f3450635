/** The page of each error code, as Markdown: every error answer links it. */
import { readFile } from "node:fs/promises"
import type { FastifyInstance } from "fastify"
import { notFound } from "../caller-of.ts"

/** The build copies them into the package. */
const inCheckout = import.meta.url.endsWith(".ts")
const folder = new URL(inCheckout ? "../../../../../docs/errors/" : "../../error-pages/", import.meta.url)

export function errorDocsRoutes(app: FastifyInstance): void {
  app.get<{ Params: { code: string } }>(
    "/errors/:code",
    { config: { caller: "public" }, schema: { hide: true } },
    async (request, reply) => {
      const { code } = request.params
      if (!/^[A-Z_]{3,40}$/.test(code)) throw notFound("error code")
      const text = await readPage(code)
      return reply.type("text/markdown; charset=utf-8").header("x-content-type-options", "nosniff").send(text)
    },
  )
}

async function readPage(code: string): Promise<string> {
  try {
    return await readFile(new URL(`${code}.md`, folder), "utf8")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw notFound("error code")
    throw error
  }
}
