/** better-auth over our stores. Loaded at the first sign-in: most processes of a fleet never need it. */
import { type AdapterFactoryConfig, createAdapterFactory } from "better-auth/adapters"
import { betterAuth, type BetterAuthOptions } from "better-auth/minimal"
import { twoFactor } from "better-auth/plugins/two-factor"
import { cookiePrefix } from "../callers/session-cookie.ts"
import type { Log } from "../log.ts"
import { newId } from "../random.ts"
import type { Storage, Stores } from "../storage/storage.ts"
import { recordAdapter } from "./record-adapter.ts"
import { challengeLifeS } from "./second-factor/challenge.ts"
import { sessionLifeS } from "./start-session.ts"

/** Set by us alone on what is handed to the library; forwarded headers never reach it. */
export const addressHeader = "x-grantry-client-address"

export interface LibraryOptions {
  readonly publicUrl: string
  readonly secret: string
  readonly storage: Storage
  readonly now: () => number
  readonly log: Log
}

export type Library = (request: Request) => Promise<Response>

export function createLibrary(options: LibraryOptions): Library {
  const { log, publicUrl, secret } = options
  const secure = publicUrl.startsWith("https:")
  return betterAuth({
    appName: "Grantry",
    baseURL: publicUrl,
    basePath: "/api/auth",
    secret,
    telemetry: { enabled: false },
    database: databaseOf(options),
    emailAndPassword: { enabled: true, minPasswordLength: 8, maxPasswordLength: 128 },
    session: { expiresIn: sessionLifeS },
    verification: { storeIdentifier: "hashed", disableCleanup: true },
    plugins: [secondFactor(publicUrl)],
    // Counted in our own table, by account too: see limit-guesses.ts.
    rateLimit: { enabled: false },
    onAPIError: { throw: true },
    logger: { level: "error", log: (_level, message) => log.error({ from: "better-auth" }, message) },
    advanced: {
      useSecureCookies: false,
      cookiePrefix: cookiePrefix(secure),
      defaultCookieAttributes: { secure, httpOnly: true, sameSite: "lax", path: "/" },
      // Every route is checked before it comes here, by one rule: http/cookie-gate.ts.
      disableCSRFCheck: true,
      disableOriginCheck: true,
      ipAddress: { ipAddressHeaders: [addressHeader] },
      database: { generateId: ({ model }) => newId(idPrefixes[model] ?? "rec") },
    },
  }).handler
}

const idPrefixes: Readonly<Record<string, string>> = {
  user: "mem",
  session: "ses",
  account: "sim",
  twoFactor: "sfa",
  verification: "ver",
}

/** Its secret and backup codes are encrypted with the sign-in secret. No browser is ever trusted to go without a code. */
function secondFactor(publicUrl: string) {
  return twoFactor({
    issuer: `Grantry (${new URL(publicUrl).host})`,
    twoFactorCookieMaxAge: challengeLifeS,
    backupCodeOptions: { storeBackupCodes: "encrypted" },
    // Wrong codes are counted with all other guesses: limit-guesses.ts.
    accountLockout: { enabled: false },
  })
}

function databaseOf({ now, storage }: LibraryOptions) {
  const config: AdapterFactoryConfig = {
    adapterId: "grantry",
    supportsBooleans: false,
    supportsJSON: false,
    supportsNumericIds: false,
    customTransformInput: ({ data }) => (data instanceof Date ? data.getTime() : (data as unknown)),
    customTransformOutput: ({ data, fieldAttributes }) =>
      fieldAttributes.type === "date" && typeof data === "number" ? new Date(data) : (data as unknown),
  }
  const over = (stores: Stores, transaction: AdapterFactoryConfig["transaction"]) =>
    createAdapterFactory({
      config: { ...config, transaction: transaction ?? false },
      adapter: () => recordAdapter(stores, now),
    })
  return (options: BetterAuthOptions) =>
    over(storage, (work) => storage.transaction((stores) => work(over(stores, false)(options))))(options)
}
