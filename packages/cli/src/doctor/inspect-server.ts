/** From outside: does the server answer, does its clock agree, are its addresses its own, are its providers there? */
import { builtInCatalog } from "@grantry/catalog"
import { GrantryError, type MembersClient, readServerHealth, type ServerHealth } from "@grantry/sdk/members"
import type { Finding } from "@grantry/server"
import { CliError } from "../cli-error.ts"
import type { Context } from "../context.ts"
import { inspectRedirectUris } from "./inspect-redirect-uris.ts"

/** Half of what a device login or a token may be off before it matters. */
const maxSkewMs = 30_000

export async function inspectServer(
  context: Context,
  appFlag: string | undefined,
): Promise<readonly Finding[]> {
  const url = await context.url()
  const health = await readHealth(url)
  if (!("up" in health)) return [health]
  return [
    { check: "server", status: "ok", detail: `${url} answers` },
    readiness(health),
    clock(health),
    ...(await inspectAsMember(context, url, appFlag)),
  ]
}

async function readHealth(url: string): Promise<ServerHealth | Finding> {
  try {
    const health = await readServerHealth({ serverUrl: url, timeoutMs: 10_000 })
    if (health.up) return health
    const fix = "Check the address, and the proxy in front of it if there is one."
    return { check: "server", status: "failed", detail: `${url} is no Grantry server`, fix }
  } catch (error) {
    if (!(error instanceof GrantryError)) throw error
    const fix = "Check the address, DNS and the firewall; on its machine `grantry doctor` looks closer."
    return { check: "server", status: "failed", detail: error.message, fix }
  }
}

function readiness({ ready }: ServerHealth): Finding {
  return ready
    ? { check: "database and keys", status: "ok", detail: "the server says that they work" }
    : {
        check: "database and keys",
        status: "failed",
        detail: "the server is up and not ready",
        fix: "Its log says why; most often the database is away.",
      }
}

function clock({ serverTimeMs }: ServerHealth): Finding {
  const check = "clock"
  if (serverTimeMs === null) return { check, status: "skipped", detail: "the server sends no Date header" }
  const skewMs = Math.abs(serverTimeMs - Date.now())
  if (skewMs <= maxSkewMs) return { check, status: "ok", detail: "this machine and the server agree" }
  const detail = `this machine and the server differ by ${Math.round(skewMs / 1000)} s`
  return { check, status: "failed", detail, fix: "Set the clock (NTP) of the one that is wrong." }
}

async function inspectAsMember(
  context: Context,
  url: string,
  appFlag: string | undefined,
): Promise<readonly Finding[]> {
  try {
    const client = await context.client()
    const { label } = await context.credential()
    await client.workspaces.list()
    const signedIn: Finding = { check: "sign-in", status: "ok", detail: label }
    return [signedIn, ...(await inspectApp(context, client, url, appFlag))]
  } catch (error) {
    if (error instanceof CliError && error.code === "NOT_SIGNED_IN")
      return [{ check: "sign-in", status: "skipped", detail: error.message, fix: error.hints[0] ?? "" }]
    if (!(error instanceof GrantryError || error instanceof CliError)) throw error
    const fix = `grantry login --url ${url}`
    return [{ check: "sign-in", status: "failed", detail: error.message, fix }]
  }
}

async function inspectApp(
  context: Context,
  client: MembersClient,
  url: string,
  appFlag: string | undefined,
): Promise<readonly Finding[]> {
  const appId = appFlag ?? (await client.apps.list())[0]?.id
  if (appId === undefined)
    return [
      { check: "redirect URIs", status: "skipped", detail: "there is no app yet: grantry apps create NAME" },
    ]
  const uris = await client.apps.redirectUris(appId)
  const types = uris.flatMap((one) => (one.credential_source === "sandbox" ? [] : [one.integration_type]))
  const { inspectProviders, readConfig } = await import("@grantry/server")
  const { allowPrivateNetwork } = readConfig(context.env, { types: [], families: [] })
  const providers =
    types.length === 0
      ? [{ check: "providers", status: "skipped" as const, detail: "no type has an OAuth client of its own" }]
      : await inspectProviders({ catalog: builtInCatalog, types, allowPrivate: allowPrivateNetwork })
  return [...inspectRedirectUris(url, uris), ...providers]
}
