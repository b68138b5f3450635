/** The device login of CONTRACT section 7 as a script: codes are approved by the test, refresh tokens are good for once. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"

export interface DeviceServer extends AsyncDisposable {
  readonly url: string
  approve(): void
  deny(): void
  /** @param next seconds that the next access tokens live; answers in a row that say `slow_down` */
  set(next: { readonly lifetimeS?: number; readonly slowDowns?: number }): void
  /** How often a refresh token was presented. */
  refreshes(): number
}

export const userCode = "BCDF-GHJK"

export async function startDeviceServer(): Promise<DeviceServer> {
  let approval: "pending" | "approved" | "denied" = "pending"
  let issued = 0
  let refreshes = 0
  const state = { lifetimeS: 3600, slowDowns: 0 }

  function issue(response: ServerResponse): void {
    issued += 1
    const tokens = { access_token: `access-${issued}`, refresh_token: `refresh-${issued}` }
    send(response, 200, { ...tokens, token_type: "Bearer", expires_in: state.lifetimeS, scope: "apps:read" })
  }

  function token(response: ServerResponse, form: URLSearchParams): void {
    if (form.get("grant_type") === "refresh_token") {
      refreshes += 1
      if (form.get("refresh_token") === `refresh-${issued}`) return issue(response)
      return send(response, 400, {
        error: "invalid_grant",
        error_description: "the refresh token was used before",
      })
    }
    if (state.slowDowns > 0) {
      state.slowDowns -= 1
      return send(response, 400, { error: "slow_down" })
    }
    if (approval === "approved") return issue(response)
    send(response, 400, { error: approval === "denied" ? "access_denied" : "authorization_pending" })
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    if (request.url === "/oauth/device/code")
      return send(response, 200, {
        device_code: "device-code",
        user_code: userCode,
        verification_uri: `${url}/device`,
        expires_in: 30,
        interval: 1,
      })
    if (request.url === "/oauth/token") return token(response, new URLSearchParams(body))
    if (request.headers.authorization !== `Bearer access-${issued}`)
      return send(response, 401, { detail: "Unauthorized", message: "Unauthorized", code: "UNAUTHORIZED" })
    if (request.url === "/oauth/userinfo")
      return send(response, 200, { email: "ada@example.com", name: "Ada" })
    send(response, 200, { workspaces: [{ id: "ws_1", name: "Personal", user_role: "owner" }] })
  }

  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    approve: () => void (approval = "approved"),
    deny: () => void (approval = "denied"),
    set: (next) => void Object.assign(state, next),
    refreshes: () => refreshes,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}
