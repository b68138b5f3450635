/** `grantry connectors initiate` */
import type { Command } from "commander"
import { CliError, usageError } from "../cli-error.ts"
import { awaitConsent, consentMs } from "../consent/await-consent.ts"
import type { CommonOptions, Process } from "../context.ts"
import { appOption, leaf } from "./command.ts"

interface InitiateOptions extends CommonOptions {
  readonly app?: string
  readonly scopes?: readonly string[]
  readonly config?: readonly string[]
  readonly force?: boolean
  readonly browser?: boolean
}

export function initiateCommand(process: Process): Command {
  const facts = {
    usage: "initiate <type>",
    description: "Connect one service to the app; works without any project files",
    examples: [
      "grantry connectors initiate slack --scopes chat:write,channels:read",
      "grantry connectors initiate bamboohr --config companyDomain=acme",
    ],
  }
  return appOption(
    leaf<InitiateOptions>(process, facts, async (context, options, type = "") => {
      const { output } = context
      const app = await context.app(options.app)
      const client = await context.client()
      const scopes = options.scopes?.flatMap((one) => one.split(",")).filter((one) => one !== "")
      const answer = await client.sharedConnections.initiate(app.id, {
        integration_type: type,
        ...(scopes && { scopes }),
        ...(options.config && { connection_config: pairs(options.config) }),
        ...(options.force === true && { force_reconnect: true }),
      })
      if (answer.error !== null)
        throw new CliError(`${type}: ${answer.error_message ?? answer.error}`, {
          code: answer.error.toUpperCase(),
          hints: answer.error === "different_user" ? ["--force takes the connection over."] : [],
          data: { other_user_email: answer.other_user_email },
        })
      output.result({ integration_type: type, ...answer })
      const { connection_id: connectionId, redirect_url: redirectUrl } = answer
      if (redirectUrl === null || connectionId === null) return output.line(`${type} is connected already.`)
      if (!output.interactive) return output.line(redirectUrl)
      const outcome = await awaitConsent(
        context,
        { type, redirectUrl, connectionId },
        { client, appId: app.id, openPages: options.browser !== false, forMs: consentMs },
      )
      if (outcome === "connected") return output.line(`${output.style("green", "✓")} ${type} is connected.`)
      if (outcome === "skipped") return output.line(`Skipped. The link works for ten minutes: ${redirectUrl}`)
      throw new CliError(
        outcome === "timeout"
          ? `The consent to ${type} did not come in time.`
          : `The consent to ${type} failed.`,
        { code: "CONSENT_FAILED", hints: ["The page in the browser says why. Try again when it is mended."] },
      )
    }),
  )
    .option(
      "--scopes <scopes...>",
      "scopes to add, separated by spaces or commas; the service's defaults unless told",
    )
    .option("--config <name=value...>", "values that the service needs before consent")
    .option("--force", "take the connection over from a colleague, or consent anew")
    .option("--no-browser", "print the link instead of opening it")
}

function pairs(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((pair) => {
      const at = pair.indexOf("=")
      if (at < 1)
        throw usageError(`--config ${pair} is no pair.`, "Write name=value, e.g. --config subdomain=acme")
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}
