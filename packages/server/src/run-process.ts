/** The process: configuration, start, signals, stop. */
import { pino } from "pino"
import { ConfigError, type Flags, readCatalogDir, readConfig, readEnvironment } from "./config.ts"
import { knownNames } from "./config/known-names.ts"
import type { TraceSettings } from "./config/operating.ts"
import type { Tracing } from "./events/tracing/tracing.ts"
import { giveBackMemorySoon } from "./give-back-memory.ts"
import { loadCatalog } from "./operator-catalog/load-catalog.ts"
import { type RunningServer, startServer } from "./server.ts"
import { StorageLocked, StorageTooNew } from "./storage/storage-errors.ts"
import { MasterKeyMismatch, MasterKeyUnavailable } from "./vault/vault.ts"

/**
 * Serves until a signal comes, and ends the process then; a start that fails ends it with 2 where the operator has to
 * mend something, else with 1.
 *
 * @param flags of `grantry serve`; each overrides its variable
 */
export async function runProcess(flags: Flags = {}): Promise<void> {
  try {
    await serve(flags)
  } catch (error) {
    process.stderr.write(
      `${isOperatorError(error) ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
    )
    process.exit(isOperatorError(error) ? 2 : 1)
  }
}

async function serve(flags: Flags): Promise<void> {
  const env = readEnvironment()
  const catalog = await loadCatalog(readCatalogDir(env, flags))
  const config = readConfig(env, knownNames(catalog), flags)
  const tracing = await loadTracing(config.operating.traces)
  const log = pino({ level: config.logLevel, ...(tracing && { mixin: () => tracing.logFields() }) })
  const server = await startServer(config, log, { catalog, tracing })
  announce(server, config.sandbox)
  giveBackMemorySoon()
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      log.info({ signal }, "stopping")
      server.close().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, "the server did not stop cleanly")
          process.exit(1)
        },
      )
    })
  }
}

/** Its libraries are loaded only where somebody collects traces. */
async function loadTracing(settings: TraceSettings | null): Promise<Tracing | null> {
  if (settings === null) return null
  return (await import("./events/tracing/open-telemetry.ts")).createTracing(settings)
}

/** On stderr: stdout is for the log's JSON lines. */
function announce(server: RunningServer, sandbox: boolean): void {
  const lines = [`Grantry listens at ${server.url}`]
  if (sandbox) lines.push(`Sandbox of the providers: ${server.url}/sandbox`)
  if (server.url.startsWith("http:"))
    lines.push("Plain http: the connect cookie goes without Secure. Use https for anything but development.")
  lines.push(
    server.startLink === null
      ? `API: ${server.url}/api/openapi.json`
      : `Start here (works once): ${server.startLink}`,
  )
  process.stderr.write(`\n${lines.map((line) => `  ${line}`).join("\n")}\n\n`)
}

/** What the operator has to mend, in one line and without a stack. */
function isOperatorError(error: unknown): error is Error {
  const kinds = [ConfigError, MasterKeyMismatch, MasterKeyUnavailable, StorageLocked, StorageTooNew]
  return kinds.some((kind) => error instanceof kind)
}
