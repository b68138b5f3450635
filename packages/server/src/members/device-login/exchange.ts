/** The waiting program asks for its tokens (RFC 8628 section 3.4) and later for fresh ones (RFC 6749 section 6). */
import { hashKey, hasValidChecksum, newKey } from "../../callers/keys.ts"
import { newId } from "../../random.ts"
import type { Services } from "../../services.ts"
import type { DeviceCode, DeviceLogin } from "../../storage/stores/members.ts"
import type { Stores } from "../../storage/storage.ts"
import { pollIntervalS } from "./begin.ts"
import { tokenRequestRefused } from "./refusals.ts"

const accessLifeMs = 3_600_000
const refreshLifeMs = 90 * 24 * 3_600_000
/** A refresh token may be used again for this long: the answer to its first use can get lost. */
const graceMs = 60_000
/** Timers of programs are not exact. */
const earlyMs = 500

export interface DeviceTokens {
  readonly accessToken: string
  readonly refreshToken: string
  readonly expiresInS: number
  readonly scope: string
}

type Dependencies = Pick<Services, "storage" | "clock" | "authenticator">

/** @throws TOKEN_REQUEST_REFUSED */
export async function exchangeDeviceCode(
  { clock, storage }: Dependencies,
  clientId: string,
  deviceCode: string,
): Promise<DeviceTokens> {
  if (!hasValidChecksum(deviceCode)) throw tokenRequestRefused("invalid_grant")
  const now = clock.now()
  const code = await storage.devices.poll(hashKey(deviceCode), now)
  if (code?.clientId !== clientId) throw tokenRequestRefused("invalid_grant")
  const memberId = requireApproved(code, now)
  const tokens = await storage.transaction(async (stores) => {
    // Of two polls at once one gets the tokens.
    if (!(await stores.devices.consume(code.id))) return undefined
    const login = { id: newId("dlg"), memberId, clientId, scope: code.scope, createdAt: now }
    await stores.devices.insertLogin(login)
    return issueTokens(stores, login, now)
  })
  if (!tokens) throw tokenRequestRefused("invalid_grant")
  return tokens
}

function requireApproved(code: DeviceCode, now: number): string {
  if (code.status === "denied") throw tokenRequestRefused("access_denied")
  if (code.expiresAt <= now) throw tokenRequestRefused("expired_token")
  if (code.status === "approved" && code.memberId !== null) return code.memberId
  const isEarly = code.polledAt !== null && now - code.polledAt < pollIntervalS * 1_000 - earlyMs
  throw tokenRequestRefused(isEarly ? "slow_down" : "authorization_pending")
}

/**
 * Each refresh token works once, and for a minute more. Later use of one that was used is somebody else's: it ends the
 * login (RFC 9700 section 4.14.2).
 *
 * @throws TOKEN_REQUEST_REFUSED
 */
export async function refreshDeviceLogin(
  { authenticator, clock, storage }: Dependencies,
  clientId: string,
  refreshToken: string,
): Promise<DeviceTokens> {
  if (!hasValidChecksum(refreshToken)) throw tokenRequestRefused("invalid_grant")
  const hash = hashKey(refreshToken)
  const now = clock.now()
  const found = await storage.devices.findToken(hash)
  if (found?.kind !== "refresh" || found.login.clientId !== clientId || found.expiresAt <= now)
    throw tokenRequestRefused("invalid_grant")
  if (found.usedAt !== null && now - found.usedAt > graceMs) {
    await storage.devices.removeLogin(found.loginId)
    authenticator.forgetKeys()
    throw tokenRequestRefused("invalid_grant")
  }
  return storage.transaction(async (stores) => {
    await stores.devices.useToken(hash, now)
    return issueTokens(stores, found.login, now)
  })
}

/** Ends the login that this token belongs to; one that is not known has ended already (RFC 7009 section 2.2). */
export async function revokeDeviceLogin(
  { authenticator, storage }: Pick<Services, "storage" | "authenticator">,
  token: string,
): Promise<DeviceLogin | undefined> {
  const found = hasValidChecksum(token) ? await storage.devices.findToken(hashKey(token)) : undefined
  if (!found) return undefined
  await storage.devices.removeLogin(found.loginId)
  authenticator.forgetKeys()
  return found.login
}

async function issueTokens(
  { devices }: Pick<Stores, "devices">,
  login: DeviceLogin,
  now: number,
): Promise<DeviceTokens> {
  const access = newKey("gat_")
  const refresh = newKey("grt_")
  const token = { loginId: login.id, usedAt: null }
  await devices.insertToken({ ...token, kind: "access", expiresAt: now + accessLifeMs }, access.hash)
  await devices.insertToken({ ...token, kind: "refresh", expiresAt: now + refreshLifeMs }, refresh.hash)
  return {
    accessToken: access.secret,
    refreshToken: refresh.secret,
    expiresInS: accessLifeMs / 1_000,
    scope: login.scope,
  }
}
