/** Whose tokens an app takes as its users'. */
import { readKeySet } from "../callers/key-sets.ts"
import { GrantryError } from "../errors.ts"
import { newId } from "../random.ts"
import type { Services } from "../services.ts"
import type { App } from "../storage/stores/apps.ts"
import type { IdentityIssuer } from "../storage/stores/identity-issuers.ts"
import { checkedOutboundUrl } from "./outbound-url.ts"

/** Each token is checked against those of its issuer, and each list is one page. */
const maxIssuers = 20
const maxJwksLength = 64 * 1024

export interface IssuerInput {
  readonly issuer: string
  readonly audience: string
  readonly jwks_url?: string
  readonly jwks?: unknown
}

export async function addIdentityIssuer(
  services: Services,
  app: App,
  input: IssuerInput,
  actor: string,
): Promise<IdentityIssuer> {
  const { storage } = services
  const issuer: IdentityIssuer = {
    id: newId("iss"),
    workspaceId: app.workspaceId,
    appId: app.id,
    issuer: input.issuer,
    audience: input.audience,
    ...(await checkedKeys(services, input)),
    createdAt: services.clock.now(),
  }
  if ((await storage.identityIssuers.list(app.workspaceId, app.id)).length >= maxIssuers)
    throw invalid(409, `The app trusts ${maxIssuers} issuers already. Remove one first.`)
  const outcome = await storage.identityIssuers.insert(issuer)
  if (outcome === "taken")
    throw invalid(
      409,
      "The app trusts this issuer for this audience already. To change its keys, remove it and add it again: its users stay the same.",
    )
  if (outcome === "gone") throw new GrantryError("NOT_FOUND", 404, "There is no such app.")
  await record(services, app, issuer.id, { actor, action: "identity_issuer.add" })
  return issuer
}

/** @returns false when the app has no such issuer */
export async function removeIdentityIssuer(
  services: Services,
  app: App,
  id: string,
  actor: string,
): Promise<boolean> {
  if (!(await services.storage.identityIssuers.remove(app.workspaceId, app.id, id))) return false
  services.appUsers.forget()
  await record(services, app, id, { actor, action: "identity_issuer.remove" })
  return true
}

async function record(
  { audit }: Services,
  { id: appId, workspaceId }: App,
  target: string,
  what: { readonly actor: string; readonly action: string },
): Promise<void> {
  await audit.record({ workspaceId, appId, target, outcome: "ok", ...what })
}

async function checkedKeys(
  services: Services,
  input: IssuerInput,
): Promise<Pick<IdentityIssuer, "jwksUrl" | "jwksJson">> {
  if ((input.jwks_url === undefined) === (input.jwks === undefined))
    throw invalid(400, "The body needs either jwks_url or jwks: where the issuer's keys are, or the keys.")
  if (input.jwks_url !== undefined)
    return { jwksUrl: (await checkedOutboundUrl(services, "jwks_url", input.jwks_url)).href, jwksJson: null }
  return { jwksUrl: null, jwksJson: checkedJwks(input.jwks) }
}

/** Only what verifies is kept: a private part that was pasted along would be a secret in the database. */
const publicMembers = ["kty", "kid", "alg", "use", "key_ops", "n", "e", "crv", "x", "y"] as const

function checkedJwks(jwks: unknown): string {
  try {
    readKeySet(jwks)
  } catch {
    throw invalid(
      400,
      "body.jwks must be a JWK Set: an object with the member keys, an array of at most 100 JWKs.",
    )
  }
  const { keys } = jwks as { readonly keys: readonly Readonly<Record<string, unknown>>[] }
  const known = keys.filter(({ kty }) => kty === "RSA" || kty === "EC" || kty === "OKP")
  if (known.length === 0 || known.length < keys.length)
    throw invalid(
      400,
      "body.jwks must hold public keys of the types RSA, EC and OKP, at least one, and no others.",
    )
  if (known.some((key) => "d" in key))
    throw invalid(
      400,
      "body.jwks holds a private key. Send the public part only, and treat that key as leaked.",
    )
  const json = JSON.stringify({
    keys: known.map((key) =>
      Object.fromEntries(publicMembers.filter((name) => name in key).map((name) => [name, key[name]])),
    ),
  })
  if (json.length > maxJwksLength) throw invalid(400, "body.jwks is larger than 64 kB.")
  return json
}

function invalid(status: number, message: string): GrantryError {
  return new GrantryError("INVALID_REQUEST", status, message)
}
