/** An access token of the device login that is always fresh. */
import { createDeviceLogin, GrantryError, type LoginTokens } from "@grantry/sdk/members"
import { CliError } from "../cli-error.ts"
import type { Credentials, CredentialsFile, DeviceCredential } from "./credentials-file.ts"

/** A token that dies on its way is no use. */
const marginMs = 60_000

export async function freshAccessToken(file: CredentialsFile, url: string): Promise<string> {
  const seen = deviceCredentialOf(await file.read(), url)
  if (isFresh(seen)) return seen.accessToken
  return file.change(async (current) => {
    // Another command may have refreshed while this one waited for the lock; its refresh token is the living one.
    const credential = deviceCredentialOf(current, url)
    if (isFresh(credential)) return { result: credential.accessToken }
    const renewed = withTokens(credential, await refresh(url, credential))
    const next = { ...current, servers: { ...current.servers, [url]: renewed } }
    return { next, result: renewed.accessToken }
  })
}

export function withTokens(
  who: Pick<DeviceCredential, "email" | "name">,
  tokens: LoginTokens,
): DeviceCredential {
  return {
    kind: "device",
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    expiresAtMs: Date.now() + tokens.expires_in * 1000,
    email: who.email,
    name: who.name,
  }
}

function isFresh({ expiresAtMs }: DeviceCredential): boolean {
  return expiresAtMs - marginMs > Date.now()
}

function deviceCredentialOf({ servers }: Credentials, url: string): DeviceCredential {
  const credential = servers[url]
  if (credential?.kind === "device") return credential
  throw loginOver(url)
}

async function refresh(url: string, { refreshToken }: DeviceCredential): Promise<LoginTokens> {
  try {
    return await createDeviceLogin({ serverUrl: url }).refresh(refreshToken)
  } catch (error) {
    if (error instanceof GrantryError && error.code === "invalid_grant") throw loginOver(url)
    throw error
  }
}

function loginOver(url: string): CliError {
  return new CliError(`Your login at ${url} is over.`, {
    code: "LOGIN_OVER",
    hints: [`Sign in again: grantry login --url ${url}`],
  })
}
