/** The sandbox on a Fastify instance, with parsers and error answers of its own. */
import type { ConnectorDefinition } from "@grantry/catalog"
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify"
import { registerControl } from "./control-routes.ts"
import { createGrantStore } from "./grants.ts"
import { overviewPage } from "./overview-page.ts"
import { createSaver, restore } from "./persistence.ts"
import type { Saver } from "./persistence.ts"
import { answerProviderRequest } from "./provider-request.ts"
import type { TimedReply } from "./provider-request.ts"
import type { Reply } from "./reply.ts"
import { createRequestLog } from "./request-log.ts"
import type { Sandbox } from "./sandbox.ts"
import { builtInClients } from "./sandbox.ts"
import type { SandboxClock } from "./sandbox-clock.ts"
import { sandboxPath } from "./sandbox-url.ts"
import { createServices } from "./service.ts"

export interface SandboxOptions {
  readonly catalog: readonly ConnectorDefinition[]
  /** Shared with the server, so that both agree on what has expired. */
  readonly clock: SandboxClock
  /** JSON file that keeps grants over a restart; absent: memory only. */
  readonly persistPath?: string
  /** How many provider requests the control API can list. */
  readonly maxRequestsKept?: number
}

const maxBodyBytes = 64 * 1024
/** No answer is held back longer than this, whatever a fault says. */
const longestHangMs = 10 * 60 * 1000

/**
 * Every provider of the catalogue, under `/sandbox`.
 *
 * @returns a plugin to register on any instance; it needs nothing of that instance and changes nothing there
 */
export function sandboxPlugin(options: SandboxOptions): FastifyPluginAsync {
  return async (app) => {
    const { sandbox, saver } = createSandbox(options, app)
    const closing = new AbortController()
    readBodiesAsText(app)
    answerErrorsAsJson(app)
    registerControl(app, sandbox)
    app.get(sandboxPath, async (_request, reply) => send(reply, overviewPage(sandbox)))
    app.all(`${sandboxPath}/*`, { bodyLimit: maxBodyBytes }, async (request, reply) => {
      const timed = answerProviderRequest(sandbox, incoming(request))
      await heldBack(timed, request, closing.signal)
      return send(reply, timed.reply)
    })
    app.addHook("preClose", async () => closing.abort())
    app.addHook("onClose", async () => saver.flush())
  }
}

function createSandbox(options: SandboxOptions, app: FastifyInstance): { sandbox: Sandbox; saver: Saver } {
  const path = options.persistPath ?? null
  const services = createServices(options.catalog)
  const saver: Saver = createSaver(
    path,
    () => ({ store: sandbox.store, clients: sandbox.clients, nowMs: sandbox.clock.now() }),
    (error) => app.log.error(error, "the sandbox could not save its state"),
  )
  const sandbox: Sandbox = {
    services,
    clock: options.clock,
    store: createGrantStore(saver.soon),
    clients: new Map(builtInClients(services).map((client) => [client.clientId, client])),
    faults: { faults: [] },
    log: createRequestLog(options.maxRequestsKept ?? 1000),
  }
  if (path !== null && restore(sandbox, path) === "unreadable") {
    app.log.warn(
      { path },
      "the sandbox could not read its saved state and starts empty; the file has been put aside",
    )
  }
  return { sandbox, saver }
}

/** Providers differ in what they take, so each endpoint reads its body itself. */
function readBodiesAsText(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser("*", { parseAs: "string", bodyLimit: maxBodyBytes }, (_request, body, done) =>
    done(null, body),
  )
}

function answerErrorsAsJson(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    const known =
      error instanceof Error && "statusCode" in error && typeof error.statusCode === "number" ? error : null
    const status = known && Number(known.statusCode) < 500 ? Number(known.statusCode) : 500
    if (status >= 500) request.log.error(error, "the sandbox failed")
    const detail = status >= 500 || !known ? "The sandbox failed; its log says why." : known.message
    return reply.status(status).send({ detail, code: status >= 500 ? "INTERNAL_ERROR" : "INVALID_REQUEST" })
  })
}

function incoming(request: FastifyRequest) {
  const headers: Record<string, string | undefined> = {}
  for (const [name, value] of Object.entries(request.headers))
    headers[name] = Array.isArray(value) ? value.join(", ") : value
  const body = typeof request.body === "string" ? request.body : ""
  return { method: request.method, target: request.raw.url ?? "/", headers, body }
}

async function heldBack(timed: TimedReply, request: FastifyRequest, closing: AbortSignal): Promise<void> {
  const delayMs = timed.delayMs ?? longestHangMs
  if (delayMs === 0 || closing.aborted) return
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer)
      closing.removeEventListener("abort", end)
      request.raw.socket.removeListener("close", end)
      resolve()
    }
    const timer = setTimeout(end, delayMs)
    closing.addEventListener("abort", end, { once: true })
    request.raw.socket.once("close", end)
  })
}

function send(reply: FastifyReply, answer: Reply): FastifyReply {
  return reply.status(answer.status).headers(answer.headers).send(answer.body)
}
