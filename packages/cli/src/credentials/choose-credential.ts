/** With which credential a command calls which server. */
import type { MemberCredential } from "@grantry/sdk/members"
import { CliError, usageError } from "../cli-error.ts"
import { type Environment, textOf } from "../environment.ts"
import { freshAccessToken } from "./access-token.ts"
import type { CredentialsFile } from "./credentials-file.ts"

export const defaultUrl = "http://localhost:4545"

/**
 * The flag, the variable, the server of the last login, the local one. Never a file of the project: a foreign one could
 * send the API key of the environment anywhere.
 */
export async function chooseUrl(
  flag: string | undefined,
  env: Environment,
  file: CredentialsFile,
): Promise<string> {
  const given = flag ?? textOf(env, "GRANTRY_URL")
  if (given === undefined) return (await file.read()).current ?? defaultUrl
  return normalizeUrl(given)
}

export function normalizeUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "" || url.hash !== "")
    throw usageError(
      "The server's address must be an http(s) URL without credentials, query and fragment.",
      `For example: --url ${defaultUrl}`,
    )
  return (url.origin + url.pathname).replace(/\/+$/, "")
}

export interface ChosenCredential {
  readonly credential: MemberCredential
  /** For people: never the secret. */
  readonly label: string
}

/** @throws CliError when nobody is signed in */
export async function chooseCredential(
  url: string,
  env: Environment,
  file: CredentialsFile,
): Promise<ChosenCredential> {
  const key = textOf(env, "GRANTRY_API_KEY")
  if (key !== undefined) return ofApiKey(key, "GRANTRY_API_KEY")
  const stored = (await file.read()).servers[url]
  if (stored?.kind === "api_key") return ofApiKey(stored.key, "stored")
  if (stored) return { credential: { accessToken: () => freshAccessToken(file, url) }, label: stored.email }
  throw new CliError(`You are not signed in at ${url}.`, {
    code: "NOT_SIGNED_IN",
    hints: [`Sign in: grantry login --url ${url}`, "Or set GRANTRY_API_KEY to a workspace API key (b44k_…)."],
  })
}

function ofApiKey(key: string, source: string): ChosenCredential {
  if (!/^b44k_[A-Za-z0-9_-]+$/.test(key))
    throw new CliError("The API key does not look like one: workspace API keys start with b44k_.", {
      code: "BAD_KEY",
      hints: [
        key.startsWith("gsk_")
          ? "This is a service key: it fetches tokens and nothing else."
          : "Create one with `grantry keys create NAME --workspace ID` or in the dashboard.",
      ],
    })
  return { credential: { apiKey: key }, label: `API key ${key.slice(0, 9)}… (${source})` }
}
