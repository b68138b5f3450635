/** Can this machine reach the providers? One request to each token endpoint's host, through the guarded client. */
import { type Catalog, ConfigValueError, type ConnectorDefinition, endpoint } from "@grantry/catalog"
import type { AllowList } from "../outbound/allow-list.ts"
import { createOutbound, type Outbound, OutboundError } from "../outbound/outbound.ts"
import { version } from "../version.ts"
import type { Finding } from "./finding.ts"

export interface ProviderInspection {
  readonly catalog: Catalog
  /** Connector types; those that share a host are asked once. */
  readonly types: readonly string[]
  readonly allowPrivate: AllowList
}

const deadlineMs = 10_000
/** Tokens' times are compared with this machine's; the margin before an expiry is five minutes at most. */
const maxSkewMs = 60_000

export async function inspectProviders(options: ProviderInspection): Promise<readonly Finding[]> {
  const { allowPrivate, catalog, types } = options
  const outbound = createOutbound({ allowPrivate, userAgent: `grantry-doctor/${version}` })
  try {
    const findings = await Promise.all(
      [...hostsOf(catalog, types)].map(([origin, names]) => inspectHost(outbound, origin, names)),
    )
    return findings.flat()
  } finally {
    await outbound.close()
  }
}

/** Types by the origin of their token endpoint; null where the account decides it. */
function hostsOf(catalog: Catalog, types: readonly string[]): ReadonlyMap<string | null, readonly string[]> {
  const hosts = new Map<string | null, string[]>()
  for (const definition of types.flatMap((type) => catalog.byType(type) ?? [])) {
    const origin = originOf(definition)
    hosts.set(origin, [...(hosts.get(origin) ?? []), definition.type])
  }
  return hosts
}

function originOf(definition: ConnectorDefinition): string | null {
  try {
    return endpoint(definition, definition.token.url, {}).origin
  } catch (error) {
    if (error instanceof ConfigValueError) return null
    throw error
  }
}

async function inspectHost(
  outbound: Outbound,
  origin: string | null,
  types: readonly string[],
): Promise<readonly Finding[]> {
  const check = `provider of ${types.join(", ")}`
  if (origin === null) return [{ check, status: "skipped", detail: "its host depends on the account" }]
  const { host } = new URL(origin)
  const askedAt = Date.now()
  try {
    const { headers, status } = await outbound.send({ method: "HEAD", url: origin, headers: {}, deadlineMs })
    const reached: Finding = { check, status: "ok", detail: `${host} answers (HTTP ${status})` }
    const skewed = clockFinding(host, headers["date"], askedAt)
    return skewed ? [reached, skewed] : [reached]
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    const fix =
      error.kind === "address_refused"
        ? "GRANTRY_ALLOW_PRIVATE_NETWORK lists the private addresses that may be reached."
        : `Check DNS, the firewall and any proxy between this machine and ${host}.`
    return [{ check, status: "failed", detail: error.message, fix }]
  }
}

function clockFinding(host: string, date: string | undefined, askedAt: number): Finding | undefined {
  const skewMs = Date.parse(date ?? "") - askedAt
  if (Number.isNaN(skewMs) || Math.abs(skewMs) <= maxSkewMs) return undefined
  return {
    check: "clock",
    status: "failed",
    detail: `this machine's clock differs from ${host} by ${Math.round(Math.abs(skewMs) / 1000)} s`,
    fix: "Set the clock (NTP): expiry is judged by it.",
  }
}
