/** Are the redirect URIs at the address under which people reach the server? Pure. */
import type { RedirectUri } from "@grantry/sdk/wire"
import type { Finding } from "@grantry/server"

export function inspectRedirectUris(url: string, uris: readonly RedirectUri[]): readonly Finding[] {
  const origins = [...new Set(uris.map(({ redirect_uri }) => new URL(redirect_uri).origin))]
  const own = uris.filter(({ credential_source }) => credential_source !== "sandbox")
  const list: Finding = {
    check: "redirect URIs",
    status: "ok",
    detail:
      own.length === 0
        ? "none to register: the sandbox serves every type"
        : `to be registered at the providers: ${own.map((one) => `${one.integration_type} ${one.redirect_uri}`).join(", ")}`,
  }
  return [list, ...origins.map((origin) => inspectOrigin(url, origin))]
}

function inspectOrigin(url: string, origin: string): Finding {
  const check = "public URL"
  if (!isSecure(origin))
    return {
      check,
      status: "warning",
      detail: `${origin} is plain http, which most providers refuse and cookies suffer from`,
      fix: "Set GRANTRY_PUBLIC_URL to an https address.",
    }
  if (origin === new URL(url).origin) return { check, status: "ok", detail: origin }
  return {
    check,
    status: "warning",
    detail: `the server hands out ${origin}, and you reached it at ${url}`,
    fix: "If browsers reach it at your address, set GRANTRY_PUBLIC_URL to it.",
  }
}

/** A browser treats this machine as secure (https://w3c.github.io/webappsec-secure-contexts/). */
function isSecure(origin: string): boolean {
  const { hostname, protocol } = new URL(origin)
  return protocol === "https:" || hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]"
}
