/** Every route that a server registers, as Fastify itself reports it. */
import { subscribe, unsubscribe } from "node:diagnostics_channel"
import type { FastifyInstance } from "fastify"

const channel = "fastify.initialization"

/** Runs `start` and collects `METHOD /path` of every route that is registered meanwhile, hidden ones included. */
export async function collectRoutes<T>(
  start: () => Promise<T>,
): Promise<{ readonly started: T; readonly routes: readonly string[] }> {
  const routes = new Set<string>()
  const listen = (message: unknown): void => {
    const { fastify } = message as { readonly fastify: FastifyInstance }
    fastify.addHook("onRoute", ({ method, url }) => {
      for (const one of [method].flat()) routes.add(`${one} ${url}`)
    })
  }
  subscribe(channel, listen)
  try {
    return { started: await start(), routes: [...routes].sort() }
  } finally {
    unsubscribe(channel, listen)
  }
}
