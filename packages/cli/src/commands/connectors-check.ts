/** `grantry connectors check` */
import type { Command } from "commander"
import { CliError, usageError } from "../cli-error.ts"
import { checkTypes, type TypeCheck } from "../consent/check-types.ts"
import { chooseTypes } from "../consent/choose-types.ts"
import { withCheckedApp } from "../consent/checked-app.ts"
import type { CommonOptions, Context, Process } from "../context.ts"
import { table } from "../terminal/table.ts"
import { leaf } from "./command.ts"

interface CheckOptions extends CommonOptions {
  readonly app?: string
  readonly type?: readonly string[]
  readonly all?: boolean
  readonly sandbox?: boolean
  readonly useExisting?: boolean
  readonly timeout?: string
  readonly browser?: boolean
}

export function checkCommand(process: Process): Command {
  const facts = {
    usage: "check",
    description:
      "Drive connector types through connect, API call, refresh, API call and disconnect, and tell what the provider says. Works in an app of its own, which it deletes afterwards",
    examples: [
      "grantry connectors check --type slack --type notion",
      "grantry connectors check --all",
      "grantry connectors check --type slack --app app_1a2b3c --use-existing",
    ],
  }
  return leaf<CheckOptions>(process, facts, check)
    .option("--type <types...>", "these types")
    .option("--all", "every type that has an OAuth client of yours: the workspace's or the operator's")
    .option("--sandbox", "the types that the sandbox serves too")
    .option("--app <id>", "work in this app instead; types that are connected there are refused")
    .option(
      "--use-existing",
      "with --app: check what is connected there; it stays connected, its token is refreshed",
    )
    .option("--timeout <seconds>", "how long one consent may take", "600")
    .option("--no-browser", "print the links instead of opening them")
}

async function check(context: Context, options: CheckOptions): Promise<void> {
  const { output } = context
  if (options.type === undefined && options.all !== true && options.sandbox !== true)
    throw usageError(
      "Nothing to check is named.",
      "Pass --type slack, or --all for every type with an OAuth client of yours.",
    )
  if (options.useExisting === true && options.app === undefined)
    throw usageError("--use-existing needs --app ID: it checks what is connected there.")
  const client = await context.client()
  const checks = await withCheckedApp(client, options.app, async (appId) => {
    const types = await chooseTypes(client, appId, options)
    return checkTypes(context, types, {
      client,
      appId,
      openPages: options.browser !== false && output.interactive,
      forMs: secondsOf(options.timeout) * 1000,
      useExisting: options.useExisting === true,
    })
  })
  const failed = checks.filter(({ ok }) => !ok)
  output.result({ ok: failed.length === 0, checks })
  showTable(context, checks)
  if (failed.length > 0 && !output.json)
    throw new CliError(`${failed.length} of ${checks.length} types failed.`, { code: "CHECK_FAILED" })
  if (failed.length > 0) context.fail()
}

function secondsOf(text = "600"): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text)
  throw usageError(`--timeout ${text} is no number of seconds.`)
}

const steps = ["connect", "api_call", "refresh", "api_call_after_refresh", "disconnect"] as const
const colours = { ok: "green", failed: "red", unsupported: "dim", skipped: "dim", kept: "dim" } as const

function showTable({ output }: Context, checks: readonly TypeCheck[]): void {
  const heading = ["TYPE", "CONNECT", "API CALL", "REFRESH", "API CALL", "DISCONNECT"]
  output.line(
    table([
      heading.map((title) => output.style("dim", title)),
      ...checks.map((one) => [
        one.integration_type,
        ...steps.map((name) => {
          const outcome = one.steps.find(({ step }) => step === name)?.outcome ?? "skipped"
          return output.style(colours[outcome], outcome)
        }),
      ]),
    ]),
  )
  for (const one of checks)
    for (const { detail, outcome, step } of one.steps)
      if (outcome === "failed")
        output.line(
          `${output.style("red", "✗")} ${one.integration_type} ${step.replaceAll("_", " ")}: ${detail ?? ""}`,
        )
}
