/** A token with which a user of an app that has no issuer of its own calls: made by the app's backend. */
import { GrantryError } from "../errors.ts"
import type { Services } from "../services.ts"
import type { ServiceCaller } from "./caller.ts"
import type { MintedToken, MintedUser } from "./minted-tokens.ts"
import { problemOfUserId } from "./user-id.ts"

/** @throws INVALID_REQUEST */
export async function mintUserToken(
  { audit, minted }: Pick<Services, "audit" | "minted">,
  { actor, appId, workspaceId }: ServiceCaller,
  user: MintedUser,
  lifeS: number,
): Promise<MintedToken> {
  const problem = problemOfUserId(user.userId)
  if (problem !== undefined) throw new GrantryError("INVALID_REQUEST", 400, `body.user_id ${problem}.`)
  const token = await minted.forUser({ id: appId, workspaceId }, user, lifeS)
  await audit.record({
    workspaceId,
    appId,
    actor,
    action: "user_token.mint",
    target: user.userId,
    outcome: "ok",
  })
  return token
}
