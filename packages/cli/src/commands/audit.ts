/** `grantry audit …` */
import type { AuditExportQuery, AuditFilter } from "@grantry/sdk/wire"
import type { Command } from "commander"
import { CliError, usageError } from "../cli-error.ts"
import type { CommonOptions, Context, Process } from "../context.ts"
import { saveStream } from "../terminal/save-stream.ts"
import { table } from "../terminal/table.ts"
import { auditHeadCommand, auditVerifyCommand } from "./audit-verify.ts"
import { group, leaf } from "./command.ts"

export function auditCommand(process: Process): Command {
  return group(
    {
      usage: "audit",
      description: "Who did what: read it, export it, and prove that nobody has edited it",
      examples: ["grantry audit list --action connection.disconnect", "grantry audit verify"],
    },
    listEvents(process),
    exportEvents(process),
    auditVerifyCommand(process),
    auditHeadCommand(process),
  )
}

interface FilterOptions extends CommonOptions {
  readonly workspace?: string
  readonly actor?: string
  readonly action?: string
  readonly target?: string
  readonly outcome?: string
  readonly app?: string
  readonly since?: string
  readonly until?: string
}

function withFilter(command: Command): Command {
  return command
    .option("--workspace <id>", "the workspace; your personal one unless told")
    .option("--actor <who>", "e.g. member:mem_1a2b3c, service:sk_1a2b3c, system")
    .option("--action <what>", "e.g. token.read")
    .option("--target <on what>", "e.g. a connection's id")
    .option("--outcome <outcome>", "e.g. ok, NOT_FOUND")
    .option("--app <id>", "only what happened in this app")
    .option("--since <time>", "ISO 8601, inclusive")
    .option("--until <time>", "ISO 8601, exclusive")
}

function filterOf({ action, actor, app, outcome, since, target, until }: FilterOptions): AuditFilter {
  return {
    ...(actor !== undefined && { actor }),
    ...(action !== undefined && { action }),
    ...(target !== undefined && { target }),
    ...(outcome !== undefined && { outcome }),
    ...(app !== undefined && { app_id: app }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  }
}

async function workspaceOf(context: Context, chosen: string | undefined): Promise<string> {
  if (chosen !== undefined) return chosen
  const [first] = await (await context.client()).workspaces.list()
  if (first) return first.id
  throw new CliError("You have no workspace.", { code: "NO_WORKSPACE" })
}

function listEvents(process: Process): Command {
  const facts = {
    usage: "list",
    description: "List the newest events (owners and admins)",
    examples: ["grantry audit list", "grantry audit list --outcome refused --since 2026-11-01 --json"],
  }
  const command = leaf<FilterOptions & { readonly limit?: string }>(
    process,
    facts,
    async (context, options) => {
      const { output } = context
      const limit = limitOf(options.limit)
      const workspaceId = await workspaceOf(context, options.workspace)
      const query = { ...filterOf(options), limit }
      const answer = await (await context.client()).audit.list(workspaceId, query)
      output.result(answer)
      if (answer.audit_events.length === 0) return output.line("Nothing like that has happened.")
      output.line(
        table([
          ["WHEN", "WHO", "WHAT", "ON WHAT", "OUTCOME", "FROM"].map((title) => output.style("dim", title)),
          ...answer.audit_events.map((event) => [
            event.at,
            event.actor,
            event.count > 1 ? `${event.action} × ${event.count}` : event.action,
            event.target ?? "–",
            event.outcome,
            event.address ?? "–",
          ]),
        ]),
      )
      if (answer.next_cursor !== null) output.note("There are more: grantry audit export has all of them.")
    },
  )
  return withFilter(command).option("--limit <number>", "how many, 1 to 200 (50)")
}

function limitOf(text = "50"): number {
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= 200) return Number(text)
  throw usageError(`--limit is ${JSON.stringify(text)}, but it must be a number from 1 to 200.`)
}

interface ExportOptions extends FilterOptions {
  readonly format?: string
  readonly out?: string
}

function exportEvents(process: Process): Command {
  const facts = {
    usage: "export",
    description: "Write all events, oldest first, to a file or to stdout (owners and admins)",
    examples: [
      "grantry audit export --out audit.ndjson",
      "grantry audit export --format csv --since 2026-11-01 --out november.csv",
    ],
  }
  const command = leaf<ExportOptions>(process, facts, async (context, options) => {
    const { out } = options
    if (options.json === true && out === undefined)
      throw usageError("With --json name a file: --out FILE. The export itself goes to stdout otherwise.")
    const query: AuditExportQuery = { ...filterOf(options), format: formatOf(options.format) }
    const workspaceId = await workspaceOf(context, options.workspace)
    const response = await (await context.client()).audit.export(workspaceId, query)
    const bytes = await saveStream(context, response, out)
    if (out === undefined) return
    context.output.result({ file: out, bytes })
    context.output.line(`Wrote ${out} (${bytes} bytes).`)
  })
  return withFilter(command)
    .option("--format <format>", "ndjson, of which each line can be verified, or csv (ndjson)")
    .option("--out <file>", "where to; stdout unless told")
}

function formatOf(text = "ndjson"): "ndjson" | "csv" {
  if (text === "ndjson" || text === "csv") return text
  throw usageError(`--format is ${JSON.stringify(text)}, but it must be ndjson or csv.`)
}
