/** Signing in from a terminal (RFC 8628): what the CLI's `login` asks for. CONTRACT section 7. */
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import { beginDeviceLogin, deviceCodeLifeMs, pollIntervalS } from "../../members/device-login/begin.ts"
import {
  type DeviceTokens,
  exchangeDeviceCode,
  refreshDeviceLogin,
  revokeDeviceLogin,
} from "../../members/device-login/exchange.ts"
import { tokenRequestRefused } from "../../members/device-login/refusals.ts"
import { recordForMember } from "../../members/sign-in.ts"
import type { Services } from "../../services.ts"
import { memberOf } from "../caller-of.ts"
import { errorAnswers } from "../schemas.ts"
import { visitorOf } from "../signed-in.ts"

const Parameter = Type.Optional(Type.String({ maxLength: 1_000 }))
const CodeBody = Type.Object({ client_id: Parameter, scope: Parameter })
const CodeAnswer = Type.Object({
  device_code: Type.String(),
  user_code: Type.String(),
  verification_uri: Type.String(),
  verification_uri_complete: Type.String(),
  expires_in: Type.Integer(),
  interval: Type.Integer(),
})
const TokenBody = Type.Object({
  grant_type: Parameter,
  client_id: Parameter,
  device_code: Parameter,
  refresh_token: Parameter,
})
const TokenAnswer = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal("Bearer"),
  expires_in: Type.Integer(),
  refresh_token: Type.String(),
  scope: Type.String(),
})
const RevokeBody = Type.Object({ token: Parameter, client_id: Parameter })
const UserInfo = Type.Object({ sub: Type.String(), email: Type.String(), name: Type.String() })

const open = { caller: "public" as const }

export function oauthRoutes(app: FastifyInstance, services: Services): void {
  app.post<{ Body: Static<typeof CodeBody> | undefined }>(
    "/oauth/device/code",
    {
      config: open,
      schema: {
        summary: "Begin a device login",
        body: CodeBody,
        response: { 200: CodeAnswer, ...errorAnswers },
      },
    },
    async (request, reply) => {
      const { client_id: clientId = "", scope = "" } = request.body ?? {}
      const begun = await beginDeviceLogin(services, { clientId, scope, address: request.ip })
      const page = `${services.config.publicUrl}/device`
      reply.header("cache-control", "no-store")
      return {
        device_code: begun.deviceCode,
        user_code: begun.userCode,
        verification_uri: page,
        verification_uri_complete: `${page}?user_code=${begun.userCode}`,
        expires_in: deviceCodeLifeMs / 1_000,
        interval: pollIntervalS,
      }
    },
  )
  tokenRoutes(app, services)
  app.get(
    "/oauth/userinfo",
    {
      config: { caller: "member" },
      schema: { summary: "Who is signed in", response: { 200: UserInfo, ...errorAnswers } },
    },
    async (request) => {
      const { memberId } = memberOf(request)
      const member = await services.storage.accounts.findMember(memberId)
      return { sub: memberId, email: withDomain(member?.email ?? ""), name: member?.name ?? "" }
    },
  )
}

function tokenRoutes(app: FastifyInstance, services: Services): void {
  app.post<{ Body: Static<typeof TokenBody> }>(
    "/oauth/token",
    {
      config: open,
      schema: {
        summary: "Exchange a device code or a refresh token",
        body: TokenBody,
        response: { 200: TokenAnswer, ...errorAnswers },
      },
    },
    async (request, reply) => {
      const tokens = await exchange(services, request.body)
      reply.header("cache-control", "no-store")
      return {
        access_token: tokens.accessToken,
        token_type: "Bearer" as const,
        expires_in: tokens.expiresInS,
        refresh_token: tokens.refreshToken,
        scope: tokens.scope,
      }
    },
  )
  app.post<{ Body: Static<typeof RevokeBody> }>(
    "/oauth/revoke",
    {
      config: open,
      schema: {
        summary: "End a device login",
        body: RevokeBody,
        response: { 200: Type.Object({}), ...errorAnswers },
      },
    },
    async (request) => {
      const login = await revokeDeviceLogin(services, request.body.token ?? "")
      const event = { action: "member.sign_out", outcome: "ok", from: visitorOf(request) }
      if (login) await recordForMember(services, login.memberId, { ...event, target: login.clientId })
      return {}
    },
  )
}

function exchange(services: Services, body: Static<typeof TokenBody>): Promise<DeviceTokens> {
  const {
    client_id: clientId,
    device_code: deviceCode,
    grant_type: grantType,
    refresh_token: refreshToken,
  } = body
  if (clientId === undefined || grantType === undefined) throw tokenRequestRefused("invalid_request")
  switch (grantType) {
    case "urn:ietf:params:oauth:grant-type:device_code":
      if (deviceCode === undefined) throw tokenRequestRefused("invalid_request")
      return exchangeDeviceCode(services, clientId, deviceCode)
    case "refresh_token":
      if (refreshToken === undefined) throw tokenRequestRefused("invalid_request")
      return refreshDeviceLogin(services, clientId, refreshToken)
    default:
      throw tokenRequestRefused("unsupported_grant_type")
  }
}

/** The published CLI takes no address without a full domain, and the default owner's is `owner@localhost`. */
function withDomain(email: string): string {
  return email.endsWith("@localhost") ? `${email}.localdomain` : email
}
