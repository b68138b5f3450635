/** The sandbox on a server of its own, for tests and for continuous integration. */
import Fastify from "fastify"
import type { SandboxOptions } from "./sandbox-plugin.ts"
import { sandboxPlugin } from "./sandbox-plugin.ts"

export interface SandboxServer {
  /**
   * Starts to listen.
   *
   * @param port 0: one that is free
   * @returns the origin, e.g. `http://127.0.0.1:40123`
   */
  readonly listen: (port?: number, host?: string) => Promise<string>
  /** Stops and saves. */
  readonly close: () => Promise<void>
}

export function createSandboxServer(options: SandboxOptions): SandboxServer {
  const app = Fastify({ forceCloseConnections: true })
  app.register(sandboxPlugin(options))
  return {
    listen: (port = 0, host = "127.0.0.1") => app.listen({ port, host }),
    close: () => app.close(),
  }
}
