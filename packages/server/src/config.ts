/** Everything that the environment and the flags of `grantry serve` decide, read and checked once. */
import { join } from "node:path"
import { type OperatorClients, type KnownNames, readOperatorClients } from "./config/operator-clients.ts"
import {
  fileDatabase,
  isSignInAddress,
  type LogLevel,
  parseApiKey,
  parseBindAddress,
  parseDatabaseUrl,
  parseDataDir,
  parseEmail,
  parseKeys,
  parseLogLevel,
  parsePassword,
  parsePrivateNetwork,
  parsePublicUrl,
  parseQuarantine,
  parseRequiredPlan,
  parseSignUp,
  parseSwitch,
  type QuarantineMode,
  type SignUp,
  wholeNumber,
} from "./config/parse-value.ts"
import { type FlagName, type Flags, variableOf } from "./config/flags.ts"
import { readKeyServices } from "./config/key-services.ts"
import { readRateLimits, readTrustedProxies } from "./config/limits.ts"
import { type OpenIdSettings, readOpenId } from "./config/openid.ts"
import { type Operating, readOperating } from "./config/operating.ts"
import { createSettings, type Environment, type Setting, type Settings } from "./config/settings.ts"
import type { RateLimits } from "./limits/rate-limits.ts"
import { type AllowList, parseAllowList } from "./outbound/allow-list.ts"
import type { Plan } from "./plans.ts"
import { type MasterKeys, masterKeyForm } from "./vault/master-keys.ts"

export { ConfigError } from "./config/config-error.ts"
export type { FlagName, Flags } from "./config/flags.ts"
export type { KnownNames, OperatorClients } from "./config/operator-clients.ts"
export type { LogLevel, QuarantineMode } from "./config/parse-value.ts"
export type { Environment } from "./config/settings.ts"

export interface Bootstrap {
  readonly email: string | null
  readonly password: string | null
  readonly apiKey: string | null
}

export interface Config {
  readonly production: boolean
  /** Address to listen on. */
  readonly host: string
  /** 0: the system chooses one. */
  readonly port: number
  /** Origin of every URL that is handed out, without a slash at the end. See `withBoundPort`. */
  readonly publicUrl: string
  /** The public URL was given; otherwise it follows the port. */
  readonly publicUrlGiven: boolean
  /** Absolute path. */
  readonly dataDir: string
  /** `file:` and an absolute path, or `postgres://…`, which may hold a password. */
  readonly databaseUrl: string
  /** null: development, where a key is generated into the data folder. */
  readonly masterKeys: MasterKeys | null
  readonly bootstrap: Bootstrap
  /** Who may become a member: whoever was invited, or everybody. */
  readonly signUp: SignUp
  /** null: members sign in with passwords only. */
  readonly openId: OpenIdSettings | null
  readonly operatorClients: OperatorClients
  readonly sandbox: boolean
  /** Absolute path of the folder with the operator's own connector types; null: there are none. */
  readonly catalogDir: string | null
  readonly allowPrivateNetwork: AllowList
  readonly providerTimeoutMs: number
  /** What app users' connections and workspace connectors are reserved for; null: for everybody. */
  readonly requiredPlan: Plan | null
  /** Refreshes ahead of time for each OAuth client per second, in all replicas together; 0: none. */
  readonly refreshRate: number
  readonly quarantine: QuarantineMode
  readonly logLevel: LogLevel
  readonly operating: Operating
  /** For all replicas together. */
  readonly rateLimits: RateLimits
  /** Whose word counts on where a request comes from. */
  readonly trustedProxies: AllowList
}

/** The process's environment: the only place that looks at it. */
export function readEnvironment(): Environment {
  return process.env
}

const catalogDir: Setting<string | null> = {
  variable: variableOf("catalog-dir"),
  fallback: null,
  parse: parseDataDir,
}

/**
 * Read before everything else: the types that it holds decide which variables name an OAuth client.
 *
 * @returns absolute path; null where the operator has no types of their own
 * @throws ConfigError
 */
export function readCatalogDir(env: Environment, flags: Flags = {}): string | null {
  const settings = createSettings(env, flags)
  const folder = settings.read(catalogDir)
  settings.finish()
  return folder
}

/**
 * @param env the environment
 * @param known the catalogue's names, for operator-wide OAuth clients
 * @param flags values from the command line; secrets are not taken from there, since others can see it
 * @throws ConfigError with every problem found
 */
export function readConfig(env: Environment, known: KnownNames, flags: Flags = {}): Config {
  const settings = createSettings(env, flags)
  const flagged = <T>(flag: FlagName, rest: Omit<Setting<T>, "variable">): T =>
    settings.read({ ...rest, variable: variableOf(flag) })
  const production = env["NODE_ENV"]?.trim() === "production"
  const port = flagged("port", { fallback: 4545, parse: wholeNumber(0, 65_535) })
  const publicUrl = flagged<string | null>("public-url", { fallback: null, parse: parsePublicUrl })
  const dataDir = flagged("data-dir", { fallback: parseDataDir("./.grantry"), parse: parseDataDir })
  const signUp = flagged<SignUp>("sign-up", { fallback: "invited", parse: parseSignUp })
  const config: Config = {
    production,
    host: flagged("host", { fallback: "127.0.0.1", parse: parseBindAddress }),
    port,
    publicUrl: publicUrl ?? localUrl(port),
    publicUrlGiven: publicUrl !== null,
    dataDir,
    databaseUrl: flagged("database-url", {
      secret: true,
      fallback: fileDatabase(join(dataDir, "grantry.db")),
      parse: parseDatabaseUrl,
    }),
    masterKeys: readMasterKeys(settings, production),
    signUp,
    openId: readOpenId(settings, signUp),
    bootstrap: readBootstrap(
      settings,
      flagged<string | null>("bootstrap-email", { fallback: null, parse: parseEmail }),
    ),
    operatorClients: Object.freeze(readOperatorClients(env, known, settings)),
    sandbox: flagged("sandbox", { fallback: !production, parse: parseSwitch }),
    catalogDir: settings.read(catalogDir),
    allowPrivateNetwork: flagged("allow-private-network", {
      mayBeEmpty: true,
      fallback: parseAllowList(production ? "" : "127.0.0.0/8,::1"),
      parse: parsePrivateNetwork,
    }),
    providerTimeoutMs: flagged("provider-timeout-ms", {
      fallback: 30_000,
      parse: wholeNumber(1_000, 120_000),
    }),
    requiredPlan: flagged<Plan | null>("required-plan", { fallback: null, parse: parseRequiredPlan }),
    refreshRate: flagged("refresh-rate", { fallback: 20, parse: wholeNumber(0, 10_000) }),
    quarantine: flagged<QuarantineMode>("quarantine", { fallback: "auto", parse: parseQuarantine }),
    logLevel: flagged("log-level", { fallback: "info", parse: parseLogLevel }),
    operating: readOperating(settings),
    rateLimits: readRateLimits(settings),
    trustedProxies: readTrustedProxies(settings),
  }
  settings.finish()
  return Object.freeze(config)
}

/** The configuration once the server listens: with port 0 the public URL follows the port that the system chose. */
export function withBoundPort(config: Config, port: number): Config {
  const publicUrl = config.publicUrlGiven ? config.publicUrl : localUrl(port)
  return Object.freeze({ ...config, port, publicUrl })
}

function localUrl(port: number): string {
  return new URL(`http://localhost:${port}`).origin
}

function readMasterKeys(settings: Settings, production: boolean): MasterKeys | null {
  const variable = "GRANTRY_MASTER_KEY"
  if (production && !settings.has(variable)) {
    settings.note(variable, `is not set, but when NODE_ENV=production it must be ${masterKeyForm}`)
  }
  const services = readKeyServices(settings)
  const parse = (text: string) => parseKeys(text, services)
  return settings.read<MasterKeys | null>({ variable, secret: true, fallback: null, parse })
}

function readBootstrap(settings: Settings, email: string | null): Bootstrap {
  const bootstrap = {
    email,
    password: settings.read<string | null>({
      variable: "GRANTRY_BOOTSTRAP_PASSWORD",
      secret: true,
      fallback: null,
      parse: parsePassword,
    }),
    apiKey: settings.read<string | null>({
      variable: "GRANTRY_BOOTSTRAP_API_KEY",
      secret: true,
      fallback: null,
      parse: parseApiKey,
    }),
  }
  if (settings.has("GRANTRY_BOOTSTRAP_PASSWORD") && !settings.has("GRANTRY_BOOTSTRAP_EMAIL")) {
    settings.note(
      "GRANTRY_BOOTSTRAP_EMAIL",
      "is not set, but it must be, because GRANTRY_BOOTSTRAP_PASSWORD is",
    )
  }
  if (bootstrap.password !== null && bootstrap.email !== null && !isSignInAddress(bootstrap.email)) {
    settings.note(
      "GRANTRY_BOOTSTRAP_EMAIL",
      `is ${JSON.stringify(bootstrap.email)}, but with GRANTRY_BOOTSTRAP_PASSWORD it must be an address with a full domain, e.g. "owner@example.com"`,
    )
  }
  return Object.freeze(bootstrap)
}
