/** A workspace's audit as a file, streamed: the server holds a page of it at a time. */
import { Readable } from "node:stream"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { type Static, Type } from "typebox"
import { GrantryError } from "../../errors.ts"
import { contentTypes, type ExportFormat, headingOf, lineOf } from "../../events/audit-export/export-line.ts"
import { readExport } from "../../events/audit-export/read-export.ts"
import type { Services } from "../../services.ts"
import type { AuditFilter } from "../../storage/stores/audit-events.ts"
import { auditFilter, auditFilterAsked } from "../audit-filter.ts"
import { memberOf, requireWorkspace } from "../caller-of.ts"
import { errorAnswers } from "../schemas.ts"

/** Exports of one workspace that this process streams at a time. */
const maxRunning = 2

const Params = Type.Object({ ws: Type.String() })
const Query = Type.Object({
  ...auditFilter,
  format: Type.Optional(
    Type.Union([Type.Literal("ndjson"), Type.Literal("csv")], { description: "ndjson unless told" }),
  ),
})
type ExportRequest = FastifyRequest<{ Params: Static<typeof Params>; Querystring: Static<typeof Query> }>

export function auditExportRoute(app: FastifyInstance, services: Services): void {
  const running = new Map<string, number>()
  app.get<{ Params: Static<typeof Params>; Querystring: Static<typeof Query> }>(
    "/api/workspace/:ws/audit/export",
    {
      config: { caller: "member" },
      // It would read everything to answer with nothing.
      exposeHeadRoute: false,
      schema: {
        summary: "All events that the filters meet, oldest first, as NDJSON (each with its MAC) or CSV",
        params: Params,
        querystring: Query,
        response: { 200: Type.String({ description: "the file" }), ...errorAnswers },
      },
    },
    async (request, reply) => {
      const { ws } = request.params
      const { actor } = memberOf(request)
      requireWorkspace(memberOf(request), ws, "admin")
      const filter = auditFilterAsked(request.query)
      const { format = "ndjson" } = request.query
      const end = begin(running, ws)
      reply.raw.once("close", end)
      await recordExport(services, request, actor, format)
      return send(services, reply, { workspaceId: ws, format, filter })
    },
  )
}

/** @throws RATE_LIMITED */
function begin(running: Map<string, number>, workspaceId: string): () => void {
  const count = running.get(workspaceId) ?? 0
  if (count >= maxRunning) {
    const message = `${maxRunning} exports of this workspace's audit are running. Wait for one to end.`
    throw new GrantryError("RATE_LIMITED", 429, message, { retryAfterS: 5 })
  }
  running.set(workspaceId, count + 1)
  return () => {
    const left = (running.get(workspaceId) ?? 1) - 1
    if (left > 0) running.set(workspaceId, left)
    else running.delete(workspaceId)
  }
}

/** What this server has not written yet is written with it. */
async function recordExport(
  { audit }: Services,
  request: ExportRequest,
  actor: string,
  format: ExportFormat,
): Promise<void> {
  await audit.record({
    workspaceId: request.params.ws,
    appId: null,
    actor,
    action: "audit.export",
    target: format,
    outcome: "ok",
    address: request.ip,
    requestId: request.id,
  })
  await audit.flush()
}

interface Export {
  readonly workspaceId: string
  readonly format: ExportFormat
  readonly filter: AuditFilter
}

function send({ clock, storage }: Services, reply: FastifyReply, { filter, format, workspaceId }: Export) {
  const until = Math.min(filter.until ?? Infinity, clock.now() + 1)
  async function* lines(): AsyncGenerator<string> {
    yield headingOf(format)
    for await (const page of readExport(storage, workspaceId, { ...filter, until }))
      yield page.map((exported) => lineOf(format, exported)).join("")
  }
  return reply
    .type(contentTypes[format])
    .header("content-disposition", `attachment; filename="audit-${workspaceId}.${format}"`)
    .header("cache-control", "no-store")
    .send(Readable.from(lines(), { objectMode: false }))
}
