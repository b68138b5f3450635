/** Connect, call, refresh, call, disconnect: one type after the other. */
import { GrantryError } from "@grantry/sdk/members"
import type { CheckStep, SharedConnection } from "@grantry/sdk/wire"
import type { Context } from "../context.ts"
import { awaitConsent, type ConsentOptions } from "./await-consent.ts"

export interface CheckedStep {
  readonly step: CheckStep["step"] | "connect" | "disconnect"
  /** `kept`: the connection was there before and stays. */
  readonly outcome: CheckStep["outcome"] | "kept"
  readonly detail: string | null
}

export interface TypeCheck {
  readonly integration_type: string
  readonly ok: boolean
  readonly steps: readonly CheckedStep[]
}

export interface CheckOptions extends ConsentOptions {
  readonly useExisting: boolean
}

export async function checkTypes(
  context: Context,
  types: readonly string[],
  options: CheckOptions,
): Promise<readonly TypeCheck[]> {
  const connected = await options.client.sharedConnections.list(options.appId)
  const checks: TypeCheck[] = []
  for (const type of types) {
    const existing = connected.find((one) => one.integration_type === type && one.status !== "disconnected")
    const steps = await checkOne(context, type, existing, options)
    checks.push({ integration_type: type, ok: steps.every(({ outcome }) => outcome !== "failed"), steps })
  }
  return checks
}

async function checkOne(
  context: Context,
  type: string,
  existing: SharedConnection | undefined,
  options: CheckOptions,
): Promise<readonly CheckedStep[]> {
  if (existing && !options.useExisting) return [refused("connect", inUse)]
  if (existing) {
    const kept = (step: CheckedStep["step"]): CheckedStep => ({ step, outcome: "kept", detail: null })
    return [kept("connect"), ...(await callAndRefresh(type, options)), kept("disconnect")]
  }
  if (options.useExisting) return [refused("connect", "it is not connected in that app")]
  const connect = await connectStep(context, type, options)
  if (connect.outcome !== "ok") return [connect]
  return [connect, ...(await callAndRefresh(type, options)), await disconnectStep(type, options)]
}

const inUse =
  "it is connected in that app and was left alone: --use-existing checks it as it is, without --app a new app is used"

async function connectStep(context: Context, type: string, options: CheckOptions): Promise<CheckedStep> {
  const { appId, client } = options
  return orRefusal("connect", async () => {
    const answer = await client.sharedConnections.initiate(appId, { integration_type: type })
    const { connection_id: connectionId, redirect_url: redirectUrl } = answer
    if (redirectUrl === null || connectionId === null)
      return refused("connect", answer.error_message ?? "the server asked for no consent")
    const outcome = await awaitConsent(context, { type, redirectUrl, connectionId }, options)
    switch (outcome) {
      case "connected":
        return { step: "connect", outcome: "ok", detail: null }
      case "skipped":
        return { step: "connect", outcome: "skipped", detail: "skipped by you" }
      case "failed":
        return refused("connect", "the consent failed; the page in the browser has the provider's words")
      case "timeout":
        return refused("connect", "the consent did not come in time")
    }
  })
}

async function callAndRefresh(
  type: string,
  { appId, client }: CheckOptions,
): Promise<readonly CheckedStep[]> {
  try {
    return (await client.sharedConnections.check(appId, type)).steps
  } catch (error) {
    return [refused("api_call", reasonOf(error))]
  }
}

/** A receipt that is not `failed` is as good as the service allows. */
async function disconnectStep(type: string, { appId, client }: CheckOptions): Promise<CheckedStep> {
  return orRefusal("disconnect", async () => {
    const { revoked } = await client.sharedConnections.remove(appId, type)
    if (revoked === "failed") return refused("disconnect", "the provider refused to revoke the grant")
    return { step: "disconnect", outcome: revoked === "unsupported" ? "unsupported" : "ok", detail: revoked }
  })
}

function refused(step: CheckedStep["step"], detail: string): CheckedStep {
  return { step, outcome: "failed", detail }
}

async function orRefusal(step: CheckedStep["step"], work: () => Promise<CheckedStep>): Promise<CheckedStep> {
  try {
    return await work()
  } catch (error) {
    return refused(step, reasonOf(error))
  }
}

/** What concerns this type; anything else ends the check. */
function reasonOf(error: unknown): string {
  if (error instanceof GrantryError && error.status !== undefined && error.status !== 401)
    return error.message
  throw error
}
