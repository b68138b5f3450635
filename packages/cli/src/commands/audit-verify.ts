/** `grantry audit verify` and `grantry audit head`: beside the server's own data, like `grantry keys rotate`. */
import { resolve } from "node:path"
import type { ChainReport, FileReport } from "@grantry/server"
import type { Command } from "commander"
import { CliError, usageError } from "../cli-error.ts"
import type { CommonOptions, Context, Process } from "../context.ts"
import type { Output } from "../terminal/output.ts"
import { leaf } from "./command.ts"

interface AuditOptions extends CommonOptions {
  readonly dataDir?: string
  readonly databaseUrl?: string
  readonly workspace?: string
}

interface VerifyOptions extends AuditOptions {
  readonly head?: string
  readonly file?: string
}

export function auditVerifyCommand(process: Process): Command {
  const facts = {
    usage: "verify",
    description:
      "Check that the audit is what was written, event by event, while the server goes on serving. Needs the server's own environment; exit code 1 when it is not",
    examples: [
      "grantry audit verify",
      "grantry audit verify --workspace ws_1a2b3c --head 4711:9f2c…",
      "grantry audit verify --file audit.ndjson",
    ],
    local: true,
  }
  const command = leaf<VerifyOptions>(process, facts, async (context, options) => {
    if (options.file !== undefined) return verifyFile(context, options, options.file)
    const { linkText, parseLink, verifyAudits } = await import("@grantry/server")
    const noted = options.head === undefined ? undefined : parseLink(options.head)
    if (options.head !== undefined && !noted)
      throw usageError("--head is not what grantry audit head prints: <sequence>:<mac>.")
    if (noted && options.workspace === undefined)
      throw usageError("--head is of one workspace: name it with --workspace.")
    const found = { workspaceId: options.workspace, noted }
    const reports = await verifyAudits({ env: context.env, flags: flagsOf(options) }, found)
    if (!reports) throw noAudit()
    const isIntact = reports.every(({ status }) => status === "intact")
    context.output.result({ ok: isIntact, workspaces: reports.map((report) => shape(report, linkText)) })
    for (const report of reports) show(context.output, report, linkText)
    if (reports.length === 0) context.output.line("No workspace has an audit yet.")
    if (!isIntact) context.fail()
  })
  return withData(command)
    .option("--head <sequence:mac>", "a head that was noted down before: it must be in the audit")
    .option("--file <file>", "check an export (NDJSON) instead, line by line")
}

export function auditHeadCommand(process: Process): Command {
  const facts = {
    usage: "head",
    description:
      "Print each audit's head, to be noted down where whoever can write the database cannot. Needs the server's own environment",
    examples: ["grantry audit head", "grantry audit head --workspace ws_1a2b3c --json"],
    local: true,
  }
  const command = leaf<AuditOptions>(process, facts, async ({ env, output, fail }, options) => {
    const { linkText, verifyAudits } = await import("@grantry/server")
    const reports = await verifyAudits({ env, flags: flagsOf(options) }, { workspaceId: options.workspace })
    if (!reports) throw noAudit()
    const heads = reports.map((report) => shape(report, linkText))
    output.result({ heads: heads.map(({ head, workspace }) => ({ workspace, head })) })
    for (const { head, workspace } of heads) if (head !== null) output.line(`${workspace} ${head}`)
    // The head of an audit that is broken is worth nothing.
    if (reports.every(({ status }) => status === "intact")) return
    output.note("Not every audit is intact: see grantry audit verify.")
    fail()
  })
  return withData(command)
}

function withData(command: Command): Command {
  return command
    .option("--workspace <id>", "only this workspace")
    .option("--data-dir <folder>", "the server's data folder (GRANTRY_DATA_DIR)")
    .option("--database-url <url>", "the server's database, without a password in it (GRANTRY_DATABASE_URL)")
}

function flagsOf({ dataDir, databaseUrl }: AuditOptions) {
  return {
    ...(dataDir !== undefined && { "data-dir": dataDir }),
    ...(databaseUrl !== undefined && { "database-url": databaseUrl }),
  }
}

function noAudit(): CliError {
  return new CliError("There is no audit here yet.", {
    code: "NO_AUDIT",
    hints: ["Run it where the server runs, after its first start, or name its data folder with --data-dir."],
  })
}

type LinkText = (link: NonNullable<ChainReport["head"]>) => string

function shape(
  { beginsAt, checked, head, problem, status, unchained, workspaceId }: ChainReport,
  text: LinkText,
) {
  return {
    workspace: workspaceId,
    status,
    checked,
    begins_at: beginsAt,
    head: head && text(head),
    unchained,
    problem,
  }
}

const meanings: Readonly<Record<NonNullable<ChainReport["problem"]>["what"], string>> = {
  changed: "this event was changed",
  missing: "events were taken out here",
  inserted: "an event was put in here that was never written",
  reordered: "this event stands in another's place",
  cut_at_start: "the beginning was cut off, and not by retention",
  cut_at_end: "the end was cut off",
  record_changed: "the audit's own record was altered before this event",
  key_unreadable:
    "the key of this audit does not open: it was altered, or wrapped by a master key that is not configured",
  head_differs: "the noted head is another one: what came before it was changed",
  head_removed: "retention has removed the noted event: it shows nothing any more, note a newer head",
}

function show(output: Output, report: ChainReport, text: LinkText): void {
  const { beginsAt, checked, head, problem, unchained, workspaceId } = report
  const name = output.style("bold", workspaceId)
  if (problem) {
    output.line(
      `${output.style("red", "✗")} ${name}  broken at ${problem.sequence}: ${meanings[problem.what]}`,
    )
    return
  }
  const begins = beginsAt > 1 ? `, from ${beginsAt} on (older ones were removed by retention)` : ""
  const older = unchained > 0 ? `; ${unchained} are older than the chain, of which nothing is known` : ""
  output.line(`${output.style("green", "✓")} ${name}  ${checked} events intact${begins}${older}`)
  if (head) output.line(`    head ${text(head)}`)
}

async function verifyFile(context: Context, options: VerifyOptions, file: string): Promise<void> {
  const { verifyAuditFile } = await import("@grantry/server")
  const command = { env: context.env, flags: flagsOf(options) }
  const report = await verifyAuditFile(command, resolve(context.cwd, file))
  if (!report) throw noAudit()
  context.output.result({ ok: report.status === "intact", ...report })
  context.output.line(fileText(context.output, file, report))
  if (report.status !== "intact") context.fail()
}

function fileText(output: Output, file: string, report: FileReport): string {
  const { absent, brokenLine, checked, first, last, lines } = report
  if (brokenLine !== null)
    return `${output.style("red", "✗")} ${file}: line ${brokenLine} is not what was written, or no line of an export`
  const range = first === null ? "" : `, numbers ${first} to ${String(last)}`
  const gaps = absent > 0 ? `; ${absent} in between are not in the file` : ""
  const older = lines > checked ? `; ${lines - checked} are older than the chain` : ""
  return `${output.style("green", "✓")} ${file}: ${checked} events intact${range}${gaps}${older}`
}
