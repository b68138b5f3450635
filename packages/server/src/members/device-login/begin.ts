/** A program without a browser asks for a code that a member can approve elsewhere (RFC 8628 section 3.1). */
import { randomInt } from "node:crypto"
import { hashKey, newKey } from "../../callers/keys.ts"
import { newId } from "../../random.ts"
import type { Services } from "../../services.ts"
import { limitGuesses, maxPerAddress } from "../limit-guesses.ts"
import { deviceClientName } from "./clients.ts"
import { tokenRequestRefused } from "./refusals.ts"

export const deviceCodeLifeMs = 10 * 60_000
/** Seconds between two polls. */
export const pollIntervalS = 2

/** No vowels, so that no words come out; none that is taken for another (RFC 8628 section 6.1). */
const letters = "BCDFGHJKLMNPQRSTVWXZ"
const codeLength = 8
const codePattern = new RegExp(`^[${letters}]{${codeLength}}$`)
const maxScopeLength = 500

export interface DeviceLoginRequest {
  readonly clientId: string
  readonly scope: string
  readonly address: string
}

export interface BegunDeviceLogin {
  readonly deviceCode: string
  readonly userCode: string
}

/** @throws TOKEN_REQUEST_REFUSED, RATE_LIMITED */
export async function beginDeviceLogin(
  deps: Pick<Services, "storage" | "clock">,
  { address, clientId, scope }: DeviceLoginRequest,
): Promise<BegunDeviceLogin> {
  if (deviceClientName(clientId) === undefined) throw tokenRequestRefused("invalid_client")
  // RFC 6749 appendix A.4
  if (scope.length > maxScopeLength || !/^[\x20-\x7e]*$/.test(scope))
    throw tokenRequestRefused("invalid_request")
  const begin = () => insert(deps, { address, clientId, scope })
  // Every code counts: anybody can ask for one, and each is a row.
  const limits = [{ subject: `device login address ${address}`, max: maxPerAddress }]
  return limitGuesses(deps, limits, begin, { givesBack: false })
}

async function insert(
  { clock, storage }: Pick<Services, "storage" | "clock">,
  { address, clientId, scope }: DeviceLoginRequest,
): Promise<BegunDeviceLogin> {
  const device = newKey("gdc_")
  const userCode = newUserCode()
  const createdAt = clock.now()
  const code = {
    id: newId("dev"),
    clientId,
    scope,
    status: "pending" as const,
    memberId: null,
    address,
    createdAt,
    expiresAt: createdAt + deviceCodeLifeMs,
    polledAt: null,
  }
  await storage.devices.insertCode(code, device.hash, hashUserCode(userCode))
  return { deviceCode: device.secret, userCode }
}

function newUserCode(): string {
  const code = Array.from({ length: codeLength }, () => letters.charAt(randomInt(letters.length))).join("")
  return showUserCode(code)
}

function showUserCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

/** As a person types it: small letters, spaces and dashes are all the same. undefined: no code at all. */
export function readUserCode(typed: string): string | undefined {
  const code = typed.toUpperCase().replace(/[\s-]/g, "")
  return codePattern.test(code) ? showUserCode(code) : undefined
}

export function hashUserCode(userCode: string): Uint8Array {
  return hashKey(userCode)
}
