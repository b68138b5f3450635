/** `grantry connectors push` */
import { relative } from "node:path"
import type { Command } from "commander"
import { CliError, usageError } from "../cli-error.ts"
import { checkAgainstServer } from "../connector-files/check-against-server.ts"
import { compare, type Difference } from "../connector-files/compare.ts"
import { problemsError } from "../connector-files/problem.ts"
import { readConnectorFiles } from "../connector-files/read-connector-files.ts"
import { showDifferences } from "../connector-files/show-differences.ts"
import { awaitConsent, consentMs } from "../consent/await-consent.ts"
import type { CommonOptions, Context, Process } from "../context.ts"
import { pushConnectors, type PushResult } from "../connector-files/push-connectors.ts"
import { confirm } from "../terminal/ask.ts"
import { appOption, dirOption, leaf } from "./command.ts"

interface PushOptions extends CommonOptions {
  readonly app?: string
  readonly dir?: string
  readonly yes?: boolean
  readonly browser?: boolean
}

export function pushCommand(process: Process): Command {
  const facts = {
    usage: "push",
    description:
      "Make the app's shared connections what the connector files say: shows what changes, asks, and leads through the consents",
    examples: ["grantry connectors push", "grantry connectors push --yes --json"],
  }
  return appOption(dirOption(leaf<PushOptions>(process, facts, push)))
    .option("-y, --yes", "do not ask")
    .option("--no-browser", "print the links instead of opening them")
}

async function push(context: Context, options: PushOptions): Promise<void> {
  const { cwd, output } = context
  const app = await context.app(options.app)
  const { files, folder } = await readConnectorFiles(cwd, options.dir)
  const client = await context.client()
  const problems = checkAgainstServer(files, await client.sharedConnections.available())
  if (problems.length > 0) throw problemsError(problems)
  const differences = compare(files, await client.sharedConnections.list(app.id))
  output.line(`${relative(cwd, folder) || "."} → ${app.id} (${app.from})`)
  const changes = showDifferences(output, differences)
  if (changes && !(await isAgreed(context, options, differences))) {
    output.line("Nothing was pushed.")
    return
  }
  const removals = differences.flatMap(({ kind, type }) => (kind === "remove" ? [type] : []))
  const pushed = await pushConnectors(client, app.id, { files, removals })
  const results = output.interactive
    ? await leadThroughConsents(context, pushed, {
        client,
        appId: app.id,
        openPages: options.browser !== false,
      })
    : pushed
  output.result({ app: app.id, results })
  showSummary(context, results)
  const failed = results.filter(({ outcome }) => outcome === "failed")
  if (failed.length > 0 && !output.json)
    throw new CliError(`${failed.length} of ${results.length} connectors failed.`, { code: "PUSH_FAILED" })
  if (failed.length > 0) context.fail()
}

/** Without anybody to ask, what only adds goes ahead; what destroys connections needs `--yes`. */
async function isAgreed(
  { output }: Context,
  { yes }: PushOptions,
  differences: readonly Difference[],
): Promise<boolean> {
  if (yes === true) return true
  if (output.interactive) return confirm("Push these changes?")
  const removals = differences.filter(({ kind }) => kind === "remove")
  if (removals.length === 0) return true
  throw usageError(
    `This would remove ${removals.map(({ type }) => type).join(", ")}, and nobody is there to be asked.`,
    "Nothing was pushed. Add --yes to go ahead.",
  )
}

interface Leading {
  readonly client: Parameters<typeof pushConnectors>[0]
  readonly appId: string
  readonly openPages: boolean
}

async function leadThroughConsents(
  context: Context,
  pushed: readonly PushResult[],
  leading: Leading,
): Promise<readonly PushResult[]> {
  const results: PushResult[] = []
  for (const one of pushed) {
    const { connection_id: connectionId, redirect_url: redirectUrl, type } = one
    if (one.outcome !== "needs_consent" || !redirectUrl || !connectionId) {
      results.push(one)
      continue
    }
    const outcome = await awaitConsent(
      context,
      { type, redirectUrl, connectionId },
      { ...leading, forMs: consentMs },
    )
    results.push(afterConsent(one, outcome))
  }
  return results
}

function afterConsent(result: PushResult, outcome: Awaited<ReturnType<typeof awaitConsent>>): PushResult {
  switch (outcome) {
    case "connected":
      return { type: result.type, outcome: "connected" }
    case "skipped":
      return { ...result, outcome: "skipped" }
    case "failed":
      return {
        type: result.type,
        outcome: "failed",
        error: "the consent failed; the page in the browser says why",
      }
    case "timeout":
      return { ...result, outcome: "failed", error: "the consent did not come in time" }
  }
}

const signs = {
  unchanged: ["dim", "·", "up to date"],
  connected: ["green", "✓", "connected"],
  removed: ["red", "-", "removed"],
  needs_consent: ["yellow", "→", "waits for a consent"],
  skipped: ["yellow", "○", "skipped; push again to connect it"],
  failed: ["red", "✗", "failed"],
} as const satisfies Record<PushResult["outcome"], readonly [string, string, string]>

function showSummary({ output }: Context, results: readonly PushResult[]): void {
  if (results.length === 0) output.line("There is nothing to push: no connector files, no connections.")
  for (const { error, outcome, redirect_url: link, type } of results) {
    const [style, sign, words] = signs[outcome]
    output.line(`${output.style(style, sign)} ${type} ${output.style("dim", error ?? words)}`)
    if (outcome === "needs_consent" && link) output.line(`    ${link}`)
  }
}
