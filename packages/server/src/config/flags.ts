/** The flags of `grantry serve`: a variable's name without its prefix. Secrets are variables only. */

export const flagNames = [
  "host",
  "port",
  "public-url",
  "data-dir",
  "database-url",
  "catalog-dir",
  "sandbox",
  "allow-private-network",
  "trusted-proxies",
  "provider-timeout-ms",
  "refresh-rate",
  "rate-limits",
  "quarantine",
  "required-plan",
  "sign-up",
  "oidc-issuer",
  "oidc-client-id",
  "oidc-name",
  "oidc-sign-up",
  "oidc-trust-email",
  "bootstrap-email",
  "audit-retention-days",
  "stop-delay-ms",
  "log-level",
  "vault-token-file",
  "vault-namespace",
  "gcp-kms-endpoint",
  "key-service-timeout-ms",
] as const

export type FlagName = (typeof flagNames)[number]

/** As given: each overrides its variable. */
export type Flags = Readonly<Partial<Record<FlagName, string>>>

export function variableOf(flag: FlagName): string {
  return `GRANTRY_${flag.toUpperCase().replaceAll("-", "_")}`
}

export const flagOfVariable: ReadonlyMap<string, FlagName> = new Map(
  flagNames.map((flag) => [variableOf(flag), flag]),
)
