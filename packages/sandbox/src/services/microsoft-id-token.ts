/** ID tokens as Microsoft Entra gives them, and where its accounts live. */
import type { TokenAnswerFacts } from "../service-profile.ts"
import type { TestAccount } from "../test-accounts.ts"
import { accountUuid } from "../test-accounts.ts"

interface Tenant {
  readonly id: string
  readonly personal: boolean
}

/** Ada and Grace work for one organisation; the third account is a personal one, and those share a tenant. */
export function tenantOf(account: TestAccount): Tenant {
  return account.number === 3
    ? { id: "9188040d-6c67-4c5b-b112-36a304b66dad", personal: true }
    : { id: "5a4db0c5-0000-4000-8000-000000000001", personal: false }
}

/** Shaped like an ID token and signed by nobody: nothing in the sandbox is worth a key. */
export function idToken({ account, client, issued, nowMs }: TokenAnswerFacts): string {
  const scopes = issued.flatMap(({ access }) => access.scopes.map((scope) => scope.toLowerCase()))
  const tenant = tenantOf(account)
  const issuedAtS = Math.floor(nowMs / 1000)
  const claims = {
    aud: client.clientId,
    iss: `https://login.microsoftonline.com/${tenant.id}/v2.0`,
    iat: issuedAtS,
    nbf: issuedAtS,
    exp: issuedAtS + 3900,
    oid: accountUuid(account, "entra-object"),
    sub: accountUuid(account, `entra-pairwise-${client.clientId}`),
    tid: tenant.id,
    ver: "2.0",
    ...(scopes.includes("profile") ? { name: account.name, preferred_username: account.email } : {}),
    ...(scopes.includes("email") ? { email: account.email } : {}),
  }
  return (
    [{ typ: "JWT", alg: "RS256", kid: "sandbox" }, claims].map(base64urlJson).join(".") + ".bm90LXNpZ25lZA"
  )
}

function base64urlJson(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url")
}
