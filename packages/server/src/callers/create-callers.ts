/** Everything that finds out who is calling, put together. */
import type { Services } from "../services.ts"
import { createAppUserAuthenticator } from "./authenticate-app-user.ts"
import { createAuthenticator } from "./authenticate.ts"
import { createKeySets } from "./key-sets.ts"
import { createMintedTokens } from "./minted-tokens.ts"
import type { SignIns } from "./sign-ins.ts"
import { createSigningKeys } from "./signing-keys.ts"
import { verifyServiceToken } from "./verify-service-token.ts"

type Dependencies = Pick<Services, "audit" | "clock" | "protocol" | "storage" | "vault">

export function createCallers(
  { audit, clock, protocol, storage, vault }: Dependencies,
  signIns: SignIns,
): Pick<Services, "appUsers" | "authenticator" | "minted"> {
  const { apps, identityIssuers: issuers, keys, signingKeys: store } = storage
  const minted = createMintedTokens(createSigningKeys({ store, vault, clock }), clock)
  const keySets = createKeySets({ outbound: protocol.outbound, now: () => performance.now() })
  return {
    minted,
    authenticator: createAuthenticator(
      keys,
      clock,
      (token) => verifyServiceToken({ apps, minted }, token),
      signIns,
    ),
    appUsers: createAppUserAuthenticator({ apps, issuers, minted, keySets, clock, audit }),
  }
}
