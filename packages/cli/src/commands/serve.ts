/** `grantry serve` */
import type { FlagName, Flags } from "@grantry/server"
import { Command } from "commander"

/** Secrets are not among them: others can see a process's arguments. */
const flags = {
  host: ["<address>", "address to listen on (GRANTRY_HOST; 127.0.0.1)"],
  port: ["<number>", "port to listen on; 0 lets the system choose (GRANTRY_PORT; 4545)"],
  "public-url": ["<url>", "base of every URL handed out (GRANTRY_PUBLIC_URL; http://localhost:<port>)"],
  "data-dir": ["<folder>", "embedded database, generated key, journal (GRANTRY_DATA_DIR; ./.grantry)"],
  "database-url": ["<url>", "file:… or postgres://…, without a password in it (GRANTRY_DATABASE_URL)"],
  "catalog-dir": ["<folder>", "connector types of your own, one JSON file each (GRANTRY_CATALOG_DIR)"],
  sandbox: ["<on|off>", "emulated providers for types without an OAuth client (GRANTRY_SANDBOX)"],
  "allow-private-network": [
    "<list>",
    "private hosts and networks that calls may reach (GRANTRY_ALLOW_PRIVATE_NETWORK)",
  ],
  "trusted-proxies": [
    "<list>",
    "addresses of your own proxies, which say for whom they ask (GRANTRY_TRUSTED_PROXIES)",
  ],
  "provider-timeout-ms": [
    "<number>",
    "deadline of one call to a provider (GRANTRY_PROVIDER_TIMEOUT_MS; 30000)",
  ],
  "refresh-rate": [
    "<number>",
    "refreshes ahead per OAuth client and second, by all replicas (GRANTRY_REFRESH_RATE; 20)",
  ],
  "rate-limits": ["<list>", "off, or e.g. reads=5000/s,writes=off (GRANTRY_RATE_LIMITS)"],
  quarantine: ["<mode>", "auto, on, or off: this database is the only copy (GRANTRY_QUARANTINE; auto)"],
  "required-plan": ["<plan>", "plan that a workspace needs, or off (GRANTRY_REQUIRED_PLAN; off)"],
  "sign-up": ["<who>", "who may sign up (GRANTRY_SIGN_UP; invited)"],
  "oidc-issuer": ["<url>", "OpenID provider with which members sign in (GRANTRY_OIDC_ISSUER)"],
  "oidc-client-id": ["<id>", "client id there; its secret is a variable only (GRANTRY_OIDC_CLIENT_ID)"],
  "oidc-name": ["<name>", "as the sign-in page names it (GRANTRY_OIDC_NAME; its host)"],
  "oidc-sign-up": ["<who>", "whom of its accounts may sign up (GRANTRY_OIDC_SIGN_UP; as --sign-up)"],
  "oidc-trust-email": ["<on|off>", "believe addresses that it has verified (GRANTRY_OIDC_TRUST_EMAIL; off)"],
  "bootstrap-email": ["<address>", "e-mail address of the first owner (GRANTRY_BOOTSTRAP_EMAIL)"],
  "audit-retention-days": [
    "<number>",
    "how long the audit is kept; 0: for ever (GRANTRY_AUDIT_RETENTION_DAYS; 0)",
  ],
  "stop-delay-ms": [
    "<number>",
    "between saying that it stops and taking no more requests (GRANTRY_STOP_DELAY_MS; 0)",
  ],
  "log-level": ["<level>", "trace, debug, info, warn, error, fatal or silent (GRANTRY_LOG_LEVEL; info)"],
  "vault-token-file": [
    "<file>",
    "token for HashiCorp Vault, read anew with each use (GRANTRY_VAULT_TOKEN_FILE)",
  ],
  "vault-namespace": ["<name>", "namespace in Vault (GRANTRY_VAULT_NAMESPACE)"],
  "gcp-kms-endpoint": ["<url>", "another address of Google Cloud KMS (GRANTRY_GCP_KMS_ENDPOINT)"],
  "key-service-timeout-ms": [
    "<number>",
    "deadline of one call to a key service (GRANTRY_KEY_SERVICE_TIMEOUT_MS; 5000)",
  ],
} as const satisfies Record<FlagName, readonly [string, string]>

export function serveCommand(): Command {
  const command = new Command("serve")
    .description(
      "Run the server until a signal ends it. Each flag overrides its variable; secrets are variables only",
    )
    .allowExcessArguments(false)
    .showHelpAfterError("(add --help for the options and an example)")
    .addHelpText("after", examples)
  for (const [name, [value, meaning]] of Object.entries(flags)) command.option(`--${name} ${value}`, meaning)
  return command.action(async (options: Record<string, string>) => {
    const { runProcess } = await import("@grantry/server")
    await runProcess(flagsOf(options))
  })
}

function flagsOf(options: Readonly<Record<string, string>>): Flags {
  const given: Partial<Record<FlagName, string>> = {}
  for (const name of Object.keys(flags) as FlagName[]) {
    const value = options[camelCase(name)]
    if (value !== undefined) given[name] = value
  }
  return given
}

/** As commander names options. */
function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

const examples = `
Secrets and OAuth clients come from the environment alone: GRANTRY_MASTER_KEY, GRANTRY_BOOTSTRAP_PASSWORD,
GRANTRY_BOOTSTRAP_API_KEY, GRANTRY_METRICS_TOKEN, GRANTRY_OIDC_CLIENT_SECRET, GRANTRY_VAULT_TOKEN,
GRANTRY_<TYPE>_CLIENT_ID and GRANTRY_<TYPE>_CLIENT_SECRET.

Examples:
  $ grantry serve
  $ grantry serve --port 8080 --data-dir /var/lib/grantry --public-url https://grantry.example.com
  $ GRANTRY_DATABASE_URL=postgres://grantry:…@db/grantry grantry serve --sandbox off`
