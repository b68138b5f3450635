/**
 * Fastify's own compilers, at work when a route is first used and not when the server starts: of some hundred routes a
 * process uses a few, and compiling all of them took a third of a start. Their libraries are loaded then, too.
 */
import { createRequire } from "node:module"
import type { FastifyServerOptions } from "fastify"

type Compilers = NonNullable<NonNullable<FastifyServerOptions["schemaController"]>["compilersFactory"]>

/** What both libraries have in common; `errors` is what a validator leaves behind (Fastify's `SchemaController`). */
interface Run {
  (...data: readonly unknown[]): unknown
  errors?: unknown
  /** As on a function of Ajv's own: Fastify hands over where the data stands. */
  readonly schemaEnv: true
}
type Compile = (route: unknown) => Run
type Build = (...options: readonly unknown[]) => Compile

const require = createRequire(import.meta.url)

export const lazyCompilers = {
  buildValidator: lazily(() => require("@fastify/ajv-compiler") as () => Build),
  buildSerializer: lazily(() => require("@fastify/fast-json-stringify-compiler") as () => Build),
} as unknown as Compilers

function lazily(load: () => () => Build): Build {
  return (...options) => {
    const compile = once(() => load()()(...options))
    return (route) => {
      const compiled = once(() => compile()(route))
      const run = (...data: readonly unknown[]): unknown => {
        const result = compiled()(...data)
        lazy.errors = compiled().errors
        return result
      }
      const lazy: Run = Object.assign(run, { schemaEnv: true } as const)
      return lazy
    }
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
