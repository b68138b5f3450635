import type { Call } from "./create-call.ts"
import { camelCase, snakeCase, type CamelCased } from "./rename-members.ts"
import type { MintedUserToken } from "./wire/app-users.ts"

export interface CreateTokenOptions {
  /** Your own name for the user. It must stay the same: their connections hang on it. */
  readonly userId: string
  readonly email?: string | undefined
  readonly name?: string | undefined
  /** Seconds until the token expires; the server decides when absent. */
  readonly expiresIn?: number | undefined
}

/** `token` for `createClient` or `setToken`, good until `expiresAt`. */
export type UserToken = CamelCased<MintedUserToken>

/** For apps that sign in their users themselves and have no issuer of JWTs. */
export interface UsersModule {
  /**
   * A token that proves to Grantry who your user is. Check first that they are: Grantry takes your word for it.
   *
   * @param options whose token, and for how many seconds
   * @throws GrantryError
   */
  createToken(options: CreateTokenOptions): Promise<UserToken>
}

/** @param call with the service token */
export function createUsers(call: Call): UsersModule {
  return {
    createToken: async (options) =>
      camelCase<MintedUserToken>(await call("users/token", "POST", snakeCase(options))),
  }
}
