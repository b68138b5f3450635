import type { Services } from "../services.ts"
import { isLinked } from "./openid/links.ts"
import { hasPassword } from "./passwords.ts"
import { secondFactorSince } from "./second-factor/state.ts"

export interface SignInMethods {
  readonly password: boolean
  readonly secondFactor: { readonly since: string } | null
  /** null: this server has no provider. */
  readonly openId: { readonly name: string; readonly linked: boolean } | null
}

export async function readSignInMethods(
  { openId, storage }: Pick<Services, "storage" | "openId">,
  memberId: string,
): Promise<SignInMethods> {
  const since = await secondFactorSince(storage, memberId)
  return {
    password: await hasPassword(storage, memberId),
    secondFactor: since === null ? null : { since: new Date(since).toISOString() },
    openId: openId && {
      name: openId.settings.name,
      linked: await isLinked(storage, openId.providerId, memberId),
    },
  }
}
