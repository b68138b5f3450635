/** Can the OpenID provider be asked with which members sign in? */
import type { Config } from "../config.ts"
import { GrantryError } from "../errors.ts"
import { redirectUriOf } from "../members/openid/begin.ts"
import { createOpenIdIssuer } from "../members/openid/issuer.ts"
import { createOutbound } from "../outbound/outbound.ts"
import { version } from "../version.ts"
import type { Finding } from "./finding.ts"

const check = "sign-in"

/** Nothing where members sign in with passwords only. */
export async function inspectSignIn(config: Config): Promise<readonly Finding[]> {
  const { allowPrivateNetwork: allowPrivate, openId } = config
  if (!openId) return []
  const outbound = createOutbound({ allowPrivate, userAgent: `grantry-doctor/${version}` })
  try {
    await createOpenIdIssuer(openId, outbound).metadata()
    const detail = `${openId.name} answers; the redirect URI to register there is ${redirectUriOf(config)}`
    return [{ check, status: "ok", detail }]
  } catch (error) {
    if (!(error instanceof GrantryError)) throw error
    const why = error.cause instanceof Error ? error.cause.message : error.message
    const fix =
      "Open <GRANTRY_OIDC_ISSUER>/.well-known/openid-configuration from this machine. GRANTRY_ALLOW_PRIVATE_NETWORK lists the private addresses that may be reached."
    return [{ check, status: "failed", detail: `${openId.issuer} cannot be used: ${why}`, fix }]
  } finally {
    await outbound.close()
  }
}
