/** A signed-in member looks at a device login that waits, and approves or denies it. */
import { GrantryError } from "../../errors.ts"
import type { Services } from "../../services.ts"
import type { DeviceCode } from "../../storage/stores/members.ts"
import { limitGuesses, maxPerAccount, maxPerAddress } from "../limit-guesses.ts"
import { recordForMember } from "../sign-in.ts"
import type { Visitor } from "../visitor.ts"
import { hashUserCode, readUserCode } from "./begin.ts"

type Dependencies = Pick<Services, "storage" | "clock" | "audit">

/** @throws NOT_FOUND for a code that nobody waits with, RATE_LIMITED after too many of those */
export async function findDeviceLogin(
  deps: Dependencies,
  memberId: string,
  typed: string,
  from: Visitor,
): Promise<{ readonly code: DeviceCode; readonly userCode: string }> {
  const limits = [
    { subject: `device code member ${memberId}`, max: maxPerAccount },
    { subject: `device code address ${from.address}`, max: maxPerAddress },
  ]
  return limitGuesses(deps, limits, async () => {
    const userCode = readUserCode(typed)
    const code =
      userCode && (await deps.storage.devices.findPending(hashUserCode(userCode), deps.clock.now()))
    if (!userCode || !code) throw noSuchCode()
    return { code, userCode }
  })
}

export interface Decision {
  readonly memberId: string
  readonly userCode: string
  readonly isApproved: boolean
}

/** @throws NOT_FOUND when it is over or somebody has answered it, RATE_LIMITED */
export async function decideDeviceLogin(
  deps: Dependencies,
  { isApproved, memberId, userCode }: Decision,
  from: Visitor,
): Promise<DeviceCode> {
  const { code } = await findDeviceLogin(deps, memberId, userCode, from)
  const status = isApproved ? "approved" : "denied"
  if (!(await deps.storage.devices.decide(code.id, { status, memberId, now: deps.clock.now() })))
    throw noSuchCode()
  const outcome = isApproved ? "ok" : "denied"
  await recordForMember(deps, memberId, {
    action: "device_login.approve",
    outcome,
    from,
    target: code.clientId,
  })
  return code
}

function noSuchCode(): GrantryError {
  const message =
    "No login waits with this code. Codes live ten minutes and work once: compare it with the terminal, or begin again there."
  return new GrantryError("NOT_FOUND", 404, message)
}
