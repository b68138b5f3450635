/**
 * The tokens that Grantry itself gives out, for a user of an app and for an app's backend functions. Type and audience
 * keep the two kinds apart (RFC 8725 sections 3.11 and 3.12): neither is ever taken for the other.
 */
import { errors, jwtVerify, SignJWT } from "jose"
import type { Clock } from "../services.ts"
import type { App } from "../storage/stores/apps.ts"
import { createBoundedMap } from "../vault/bounded-map.ts"
import { headerOf } from "./jwt-text.ts"
import { type SigningKeys, signingAlgorithm } from "./signing-keys.ts"

const issuer = "urn:grantry"
const kinds = {
  user: { typ: "grantry-user+jwt", audience: "urn:grantry:app-user:" },
  service: { typ: "grantry-service+jwt", audience: "urn:grantry:app-service:" },
} as const

type Kind = keyof typeof kinds
type AppAddress = Pick<App, "id" | "workspaceId">

const serviceTokenLifeMs = 10 * 60_000
/** A function gets at least half of a service token's life. */
const serviceTokenReuseMs = serviceTokenLifeMs / 2
const maxAppsInMemory = 1_000

export interface MintedUser {
  readonly userId: string
  readonly email: string | null
  readonly name: string | null
}

export interface MintedToken {
  readonly token: string
  readonly expiresAtMs: number
}

export interface MintedTokens {
  forUser(app: AppAddress, user: MintedUser, lifeS: number): Promise<MintedToken>
  /** For one call of a function; the same one for a few minutes. */
  forService(app: AppAddress): Promise<MintedToken>
  /** undefined: not of this app, not of this kind, altered or over. */
  verifyUser(
    app: AppAddress,
    token: string,
  ): Promise<(MintedUser & { readonly expiresAtMs: number }) | undefined>
  verifyService(app: AppAddress, token: string): Promise<{ readonly expiresAtMs: number } | undefined>
}

/** Which kind a token says it is; what it says still has to be verified. */
export function mintedKind(token: string): Kind | undefined {
  const typ = headerOf(token)?.typ
  return typ === kinds.user.typ ? "user" : typ === kinds.service.typ ? "service" : undefined
}

export function createMintedTokens(keys: SigningKeys, clock: Clock): MintedTokens {
  const serviceTokens = createBoundedMap<MintedToken>(maxAppsInMemory)

  async function sign(
    kind: Kind,
    app: AppAddress,
    claims: { readonly sub: string; readonly email?: string | null; readonly name?: string | null },
    lifeMs: number,
  ): Promise<MintedToken> {
    const { id: kid, privateKey } = await keys.current(app.workspaceId)
    const now = Math.floor(clock.now() / 1000)
    const exp = now + Math.floor(lifeMs / 1000)
    const { typ, audience } = kinds[kind]
    const token = await new SignJWT({ ...claims, iss: issuer, aud: audience + app.id, iat: now, exp })
      .setProtectedHeader({ alg: signingAlgorithm, typ, kid })
      .sign(privateKey)
    return { token, expiresAtMs: exp * 1000 }
  }

  async function verify(kind: Kind, app: AppAddress, token: string) {
    const kid = headerOf(token)?.kid
    const key = typeof kid === "string" ? await keys.find(app.workspaceId, kid) : undefined
    if (!key) return undefined
    const { typ, audience } = kinds[kind]
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: [signingAlgorithm],
        typ,
        issuer,
        audience: audience + app.id,
        requiredClaims: ["exp", "sub"],
        currentDate: new Date(clock.now()),
      })
      return payload
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }

  return {
    forUser: (app, { email, name, userId }, lifeS) =>
      sign(
        "user",
        app,
        { sub: userId, ...(email !== null && { email }), ...(name !== null && { name }) },
        lifeS * 1000,
      ),
    async forService(app) {
      const known = serviceTokens.get(app.id)
      if (known && known.expiresAtMs - clock.now() > serviceTokenReuseMs) return known
      const made = await sign("service", app, { sub: app.id }, serviceTokenLifeMs)
      serviceTokens.set(app.id, made)
      return made
    },
    async verifyUser(app, token) {
      const payload = await verify("user", app, token)
      if (payload?.sub === undefined || payload.exp === undefined) return undefined
      return {
        userId: payload.sub,
        email: textOrNull(payload["email"]),
        name: textOrNull(payload["name"]),
        expiresAtMs: payload.exp * 1000,
      }
    },
    async verifyService(app, token) {
      const payload = await verify("service", app, token)
      return payload?.exp === undefined ? undefined : { expiresAtMs: payload.exp * 1000 }
    },
  }
}

function textOrNull(claim: unknown): string | null {
  return typeof claim === "string" ? claim : null
}
