/** The sandbox as the server carries it: its clock, its routes, and the address under which each side reaches it. */
import { join } from "node:path"
import type { Catalog } from "@grantry/catalog"
import type { FastifyPluginAsync } from "fastify"
import type { Config } from "./config.ts"
import type { SandboxClient } from "./connections/oauth-clients.ts"
import type { ProviderAddress } from "./oauth/oauth-client.ts"
import type { Clock } from "./services.ts"

export interface LoadedSandbox {
  readonly clock: Clock
  readonly plugin: FastifyPluginAsync
  readonly client: NonNullable<SandboxClient>
  readonly rewrite: (origin: string, type: string, url: URL) => URL
}

/** Loaded only where it is switched on: production does not carry it. */
export async function loadSandbox(config: Config, catalog: Catalog, base: Clock): Promise<LoadedSandbox> {
  const { createSandboxClock, sandboxClient, sandboxPlugin, sandboxUrl } = await import("@grantry/sandbox")
  const clock = createSandboxClock(() => base.now())
  const plugin = sandboxPlugin({
    catalog: catalog.all(),
    clock,
    persistPath: join(config.dataDir, "sandbox.json"),
  })
  return { clock, plugin, client: sandboxClient, rewrite: sandboxUrl }
}

/** The browser reaches the sandbox at the public URL, this server at the port on which it listens itself. */
export function sandboxAddress(
  config: Config,
  bound: { readonly port: number },
  sandbox: LoadedSandbox | null,
): ProviderAddress {
  return (client, url, channel) => {
    if (client.source !== "sandbox" || !sandbox) return url
    const loopback = config.host.includes(":") ? "[::1]" : "127.0.0.1"
    const origin = channel === "front" ? config.publicUrl : `http://${loopback}:${bound.port}`
    return sandbox.rewrite(origin, client.definition.type, url)
  }
}
