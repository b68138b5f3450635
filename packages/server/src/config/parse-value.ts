/** Readers of single values. Each throws BadValue with what the value must be. */
import { isIP } from "node:net"
import { resolve } from "node:path"
import { type AllowList, AllowListInvalid, parseAllowList } from "../outbound/allow-list.ts"
import { type MasterKeys, MasterKeysInvalid, masterKeyForm, parseMasterKeys } from "../vault/master-keys.ts"
import type { ServiceMasterKeyOptions } from "../vault/service-master-key.ts"
import { type Plan, plans } from "../plans.ts"
import { BadValue } from "./settings.ts"

export const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const
export type LogLevel = (typeof logLevels)[number]

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d{1,15}$/.test(text) || value < min || value > max) {
      throw new BadValue(`a whole number from ${min} to ${max}`)
    }
    return value
  }
}

export function parseSwitch(text: string): boolean {
  const value = text.toLowerCase()
  if (["on", "true", "1"].includes(value)) return true
  if (["off", "false", "0"].includes(value)) return false
  throw new BadValue('"on" or "off"')
}

export function parseLogLevel(text: string): LogLevel {
  const level = logLevels.find((each) => each === text.toLowerCase())
  if (!level) throw new BadValue(`one of ${logLevels.join(", ")}`)
  return level
}

export function parseRequiredPlan(text: string): Plan | null {
  const name = text.toLowerCase()
  if (name === "off") return null
  const plan = plans.find((each) => each === name)
  if (!plan) throw new BadValue(`"off" or one of ${plans.join(", ")}`)
  return plan
}

/** `auto`: when the database is found to be a copy; `on`: in any case; `off`: never, and this copy is the one. */
export type QuarantineMode = "auto" | "on" | "off"

export function parseQuarantine(text: string): QuarantineMode {
  const value = text.toLowerCase()
  if (value === "auto" || value === "on" || value === "off") return value
  throw new BadValue('"auto", "on" or "off"')
}

/** An address or a host name to listen on; IPv6 also in the brackets of a URL. */
export function parseBindAddress(text: string): string {
  const bare = text.replace(/^\[(.*)\]$/, "$1")
  const isName =
    /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/.test(
      bare,
    )
  const looksNumeric = /^[\d.]+$/.test(bare)
  if (isIP(bare) === 0 && (!isName || looksNumeric)) {
    throw new BadValue('an IP address or host name without a port, e.g. "0.0.0.0"')
  }
  return bare
}

/** Scheme, host and port: every URL that is handed out begins with it, so nothing else may hang on it. */
export function parsePublicUrl(text: string): string {
  const must =
    'an http: or https: origin without path, query or credentials, e.g. "https://connect.example.com"'
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:\/\//i.test(text) || !/^https?:$/.test(url.protocol)) throw new BadValue(must)
  const bare =
    url.pathname === "/" && url.search === "" && url.hash === "" && url.username === "" && url.password === ""
  // An empty query or fragment leaves no trace in the parsed URL.
  if (!bare || /[?#@\\]/.test(text)) throw new BadValue(must)
  return url.origin
}

/** `postgres://…` as it is; a file's path made absolute. */
export function parseDatabaseUrl(text: string): string {
  const must = "file:<path> or postgres://user:password@host:port/database"
  if (/^postgres(ql)?:\/\//i.test(text)) {
    if (URL.canParse(text)) return text
    throw new BadValue(`${must}; special characters of the password must be percent-encoded`)
  }
  const path = /^file:(.+)$/i.exec(text)?.[1]
  // Two slashes begin a host: file://name/db would be another machine's file.
  if (path === undefined || /[?#\0]/.test(path) || /^\/\/[^/]/.test(path) || path.endsWith("/"))
    throw new BadValue(must)
  return fileDatabase(path.replace(/^\/\/\//, "/"))
}

export function fileDatabase(path: string): string {
  return `file:${resolve(path)}`
}

export function parseDataDir(text: string): string {
  if (text.includes("\0")) throw new BadValue("a folder's path")
  return resolve(text)
}

export function parseKeys(text: string, services: ServiceMasterKeyOptions): MasterKeys {
  try {
    return parseMasterKeys(text, services)
  } catch (error) {
    if (!(error instanceof MasterKeysInvalid)) throw error
    throw new BadValue(`${masterKeyForm}: ${error.message}`)
  }
}

export function parsePrivateNetwork(text: string): AllowList {
  try {
    return parseAllowList(text)
  } catch (error) {
    if (!(error instanceof AllowListInvalid)) throw error
    throw new BadValue(`a comma list of hosts, addresses and ranges: ${error.message}`)
  }
}

export function parseEmail(text: string): string {
  if (!/^[^\s@"<>]{1,64}@[^\s@"<>]{1,189}$/.test(text)) throw new BadValue("an e-mail address")
  return text.toLowerCase()
}

/** What better-auth takes for an address to sign in with; the default owner's, `owner@localhost`, is none. */
export function isSignInAddress(email: string): boolean {
  return /^(?!\.)(?!.*\.\.)[\w'+\-.]*[\w+-]@(?:[a-z\d][a-z\d-]*\.)+[a-z]{2,}$/i.test(email)
}

export function parsePassword(text: string): string {
  if (text.length < 8 || text.length > 128) throw new BadValue("8 to 128 characters long")
  return text
}

const signUps = ["invited", "open"] as const
export type SignUp = (typeof signUps)[number]

export function parseSignUp(text: string): SignUp {
  const signUp = signUps.find((each) => each === text.toLowerCase())
  if (!signUp) throw new BadValue(`one of ${signUps.join(", ")}`)
  return signUp
}

export function parseApiKey(text: string): string {
  if (!/^b44k_[A-Za-z0-9_-]{32,200}$/.test(text)) {
    throw new BadValue('"b44k_" and at least 32 letters, digits, dashes or underscores')
  }
  return text
}
