/** Signing in from a terminal: RFC 8628, as CONTRACT section 7 spells it. */
import { checkServerUrl } from "./check-server-url.ts"
import { errorFromAnswer } from "../error-from-answer.ts"
import { GrantryError } from "../errors.ts"
import { textMember } from "./answer-text.ts"
import { exchange, type MembersConfig } from "./send.ts"

/** `POST /oauth/device/code` */
export interface DeviceCode {
  readonly device_code: string
  readonly user_code: string
  /** Page on which a signed-in member approves the code. */
  readonly verification_uri: string
  /** The same with the code filled in, where the server offers it. */
  readonly verification_uri_complete?: string
  /** Seconds. */
  readonly expires_in: number
  /** Seconds between two questions. */
  readonly interval: number
}

/** `POST /oauth/token`; the refresh token is spent with its first use. */
export interface LoginTokens {
  readonly access_token: string
  readonly token_type: string
  /** Seconds. */
  readonly expires_in: number
  readonly refresh_token: string
  readonly scope?: string
}

/** `GET /oauth/userinfo` */
export interface UserInfo {
  readonly email: string
  readonly name: string
}

/** Not approved yet; `slow_down` asks for five seconds more between two questions (RFC 8628 section 3.5). */
export type DevicePending = "authorization_pending" | "slow_down"

export type DeviceLoginConfig = Pick<MembersConfig, "serverUrl" | "fetch" | "timeoutMs">

export interface DeviceLogin {
  begin(): Promise<DeviceCode>
  /** @throws GrantryError with the code `access_denied` or `expired_token` */
  poll(deviceCode: string): Promise<LoginTokens | DevicePending>
  /** @throws GrantryError with the code `invalid_grant` when the login is over */
  refresh(refreshToken: string): Promise<LoginTokens>
  userInfo(accessToken: string): Promise<UserInfo>
}

const clientId = "base44_cli"
const scope = "apps:read apps:write"

/** @throws TypeError when serverUrl is none */
export function createDeviceLogin(config: DeviceLoginConfig): DeviceLogin {
  const base = checkServerUrl(config.serverUrl)
  const token = (fields: Record<string, string>) =>
    exchange(config, `${base}/oauth/token`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ ...fields, client_id: clientId }).toString(),
    })
  return {
    async begin() {
      const url = `${base}/oauth/device/code`
      const { response, data } = await exchange(config, url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ client_id: clientId, scope }),
      })
      return answerOf<DeviceCode>(response, data, url)
    },
    async poll(deviceCode) {
      const { response, data } = await token({
        grant_type: "urn:ietf:params:oauth:grant-type:device_code",
        device_code: deviceCode,
      })
      const error = textMember(data, "error")
      if (error === "authorization_pending" || error === "slow_down") return error
      return answerOf<LoginTokens>(response, data, `${base}/oauth/token`)
    },
    async refresh(refreshToken) {
      const { response, data } = await token({ grant_type: "refresh_token", refresh_token: refreshToken })
      return answerOf<LoginTokens>(response, data, `${base}/oauth/token`)
    },
    async userInfo(accessToken) {
      const url = `${base}/oauth/userinfo`
      const headers = { authorization: `Bearer ${accessToken}` }
      const { response, data } = await exchange(config, url, { headers })
      return answerOf<UserInfo>(response, data, url)
    },
  }
}

function answerOf<Answer>(response: Response, data: unknown, url: string): Answer {
  if (response.ok && data !== undefined) return data as Answer
  // RFC 6749 section 5.2: the code stands where other answers have their object.
  const code = textMember(data, "error")
  if (code === undefined) throw errorFromAnswer(response, data, url)
  const message = textMember(data, "error_description") ?? code
  throw new GrantryError(message, { status: response.status, code, data })
}
