/** Whether a workspace's audit is what was written. */
import type { AuditVerifyAnswer } from "@grantry/sdk/wire"
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import { GrantryError } from "../../errors.ts"
import { linkText, parseLink } from "../../events/audit-chain/macs.ts"
import { type ChainReport, verifyChain } from "../../events/audit-chain/verify-chain.ts"
import type { Services } from "../../services.ts"
import type { ChainLink } from "../../storage/stores/audit-chains.ts"
import { memberOf, requireWorkspace } from "../caller-of.ts"
import { notACursor } from "../paging.ts"
import { errorAnswers, Nullable } from "../schemas.ts"

/** What one request checks; the next one goes on from there. */
const maxEvents = 20_000

const Params = Type.Object({ ws: Type.String() })
const Query = Type.Object({
  head: Type.Optional(
    Type.String({ maxLength: 100, description: "a head that was noted down before: <sequence>:<mac>" }),
  ),
  cursor: Type.Optional(Type.String({ maxLength: 100, description: "next_cursor of the answer before" })),
})
const Answer = Type.Object({
  status: Type.Union([Type.Literal("intact"), Type.Literal("broken"), Type.Literal("more")], {
    description: "more: all well so far; go on with next_cursor",
  }),
  checked: Type.Integer(),
  begins_at: Type.Integer({
    description: "the first event on record; those before it were removed by retention",
  }),
  head: Nullable(Type.String({ description: "to be noted down elsewhere" })),
  unchained: Type.Integer({ description: "events that are older than the chain" }),
  problem: Nullable(Type.Object({ sequence: Type.Integer(), what: Type.String() })),
  next_cursor: Nullable(Type.String()),
})

export function auditVerifyRoute(app: FastifyInstance, services: Services): void {
  app.post<{ Params: Static<typeof Params>; Querystring: Static<typeof Query> }>(
    "/api/workspace/:ws/audit/verify",
    {
      config: { caller: "member" },
      schema: {
        summary: "Whether the audit is what was written, 20,000 events at a time",
        params: Params,
        querystring: Query,
        response: { 200: Answer, ...errorAnswers },
      },
    },
    async (request) => {
      const { ws } = request.params
      requireWorkspace(memberOf(request), ws, "admin")
      const { cursor, head } = request.query
      const noted = head === undefined ? undefined : notedHead(head)
      const after = cursor === undefined ? undefined : placeIn(cursor)
      await services.audit.flush()
      return shape(await verifyChain(services, ws, { maxEvents, noted, after }))
    },
  )
}

function notedHead(text: string): ChainLink {
  const link = parseLink(text)
  if (link) return link
  const message = "querystring.head is not a head of an audit: a number, a colon and 64 hexadecimal digits."
  throw new GrantryError("INVALID_REQUEST", 400, message)
}

function placeIn(cursor: string): ChainLink {
  const link = parseLink(cursor)
  if (!link) throw notACursor()
  return link
}

function shape({ beginsAt, checked, head, next, problem, status, unchained }: ChainReport) {
  return {
    status,
    checked,
    begins_at: beginsAt,
    head: head && linkText(head),
    unchained,
    problem: problem && { ...problem },
    next_cursor: next && linkText(next),
  } satisfies AuditVerifyAnswer
}
