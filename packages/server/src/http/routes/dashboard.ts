/** The dashboard: one page under all of its own addresses, and its hashed files. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { newSecret } from "../../random.ts"
import type { Services } from "../../services.ts"
import { notFound } from "../caller-of.ts"
import { dashboardFiles } from "../dashboard-files.ts"
import { notBuiltPage } from "../pages/not-built-page.ts"
import { sendPage } from "../pages/layout.ts"

/** Named one by one: an unknown address under `/api`, `/connect` or `/sandbox` must answer that it is unknown. */
const ownPaths = ["/", "/apps/*", "/workspaces/*", "/account", "/playground"]

/** What `vite build` leaves in the page for the server to fill in. */
const noncePlaceholder = "GRANTRY_CSP_NONCE"
const sandboxPlaceholder = "GRANTRY_SANDBOX_STATE"

export function dashboardRoutes(app: FastifyInstance, { config }: Pick<Services, "config">): void {
  const files = dashboardFiles()
  const schema = { hide: true }
  for (const path of ownPaths) {
    app.get(path, { config: { caller: "page" }, schema }, async (_request, reply) => {
      const page = await files.page()
      if (page === undefined) return sendPage(reply, notBuiltPage())
      const nonce = newSecret()
      const text = page
        .replaceAll(noncePlaceholder, nonce)
        .replaceAll(sandboxPlaceholder, config.sandbox ? "on" : "off")
      return reply.headers(pageHeaders(nonce)).type("text/html; charset=utf-8").send(text)
    })
  }
  app.get<{ Params: { name: string } }>(
    "/assets/:name",
    { config: { caller: "public", limit: "none" }, schema },
    async (request, reply) => {
      const asset = await files.asset(request.params.name)
      if (!asset) throw notFound("file")
      reply.headers(assetHeaders).type(asset.type)
      return sendCompressed(request, reply, asset)
    },
  )
}

/**
 * Mantine writes its colours into `<style>` elements, which is what the nonce is for. There is no inline script, no
 * other origin, and nothing that may frame the page. The popup of a consent keeps its opener.
 */
function pageHeaders(nonce: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ]
  return {
    "content-security-policy": policy.join("; "),
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin-allow-popups",
  }
}

const assetHeaders = {
  "cache-control": "public, max-age=31536000, immutable",
  "x-content-type-options": "nosniff",
  vary: "accept-encoding",
}

function sendCompressed(
  request: FastifyRequest,
  reply: FastifyReply,
  { body, gzipped }: { readonly body: Buffer; readonly gzipped: Buffer },
): FastifyReply {
  if (!/\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""))) return reply.send(body)
  return reply.header("content-encoding", "gzip").send(gzipped)
}
