/** From a user's token to an app user: the token is good for one app, and says nothing about any other. */
import type { AppUserCaller } from "./caller.ts"

export interface AppUserAuthenticator {
  /**
   * undefined: the token is no user's of this app.
   *
   * @param appId as the path names it; it need not exist
   * @throws IDENTITY_ISSUER_UNAVAILABLE when the keys that would decide cannot be fetched
   */
  authenticate(appId: string, token: string): Promise<AppUserCaller | undefined>
}
