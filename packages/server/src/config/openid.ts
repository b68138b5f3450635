/** The OpenID provider with which members can sign in. */
import type { SignUp } from "./parse-value.ts"
import { parseSignUp, parseSwitch } from "./parse-value.ts"
import { BadValue, type Settings } from "./settings.ts"

export interface OpenIdSettings {
  /** As the provider names itself, or without the slash at its end. */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** As the sign-in page names it: "Sign in with …". */
  readonly name: string
  /** Whom of its accounts may become a member here. */
  readonly signUp: SignUp
  /** Addresses that it has verified are believed to be their members'. */
  readonly trustsAddresses: boolean
}

const variable = (name: string): string => `GRANTRY_OIDC_${name}`
const needed = ["ISSUER", "CLIENT_ID", "CLIENT_SECRET"]
const all = [...needed, "NAME", "SIGN_UP", "TRUST_EMAIL"]

/** @param signUp who may become a member with a password */
export function readOpenId(settings: Settings, signUp: SignUp): OpenIdSettings | null {
  if (!all.some((name) => settings.has(variable(name)))) return null
  noteMissing(settings)
  const text = (name: string, fallback = "") =>
    settings.read({ variable: variable(name), secret: name === "CLIENT_SECRET", fallback, parse: printable })
  const issuer = settings.read({ variable: variable("ISSUER"), fallback: "", parse: parseIssuer })
  const openId: OpenIdSettings = {
    issuer,
    clientId: text("CLIENT_ID"),
    clientSecret: text("CLIENT_SECRET"),
    name: settings.read({ variable: variable("NAME"), fallback: hostOf(issuer), parse: parseName }),
    signUp: settings.read<SignUp>({ variable: variable("SIGN_UP"), fallback: signUp, parse: parseSignUp }),
    trustsAddresses: settings.read({
      variable: variable("TRUST_EMAIL"),
      fallback: false,
      parse: parseSwitch,
    }),
  }
  if (openId.trustsAddresses && signUp === "open") noteUnsafe(settings)
  return Object.freeze(openId)
}

function noteMissing(settings: Settings): void {
  const given = all.find((name) => settings.has(variable(name))) ?? ""
  for (const name of needed.filter((one) => !settings.has(variable(one))))
    settings.note(variable(name), `is not set, but it must be, because ${variable(given)} is`)
}

/** Anybody could take an address with a password first, and would share the account with its owner later. */
function noteUnsafe(settings: Settings): void {
  settings.note(
    variable("TRUST_EMAIL"),
    'is "on", but it must be "off" as long as GRANTRY_SIGN_UP is "open": everybody could take a colleague\'s address before them',
  )
}

/** OpenID Connect Discovery 1.0 section 3; plain http is for development, and reaches allowed addresses only. */
function parseIssuer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url && /^https?:$/.test(url.protocol) && url.username === "" && !/[?#\\]/.test(text)
  if (!isPlain)
    throw new BadValue(
      'the issuer\'s address without query or fragment, e.g. "https://login.example.com/realms/team"',
    )
  return text
}

function hostOf(issuer: string): string {
  return URL.canParse(issuer) ? new URL(issuer).hostname : ""
}

function printable(text: string): string {
  if (!/^[\x20-\x7e]{1,512}$/.test(text)) throw new BadValue("1 to 512 printable characters")
  return text
}

function parseName(text: string): string {
  if (text.length > 40 || /[\p{Cc}\p{Cf}]/u.test(text)) throw new BadValue("a name of 1 to 40 characters")
  return text
}
