/** The one-time link of the first start: whoever runs the server gets an app and its keys, once. */
import { newKey } from "../callers/keys.ts"
import { storePassword } from "../members/passwords.ts"
import { newId, newSecret, sha256Text } from "../random.ts"
import type { Services } from "../services.ts"
import type { Stores } from "../storage/storage.ts"
import type { FirstOwner } from "./bootstrap.ts"

export interface FirstKeys {
  readonly appId: string
  readonly workspaceId: string
  readonly apiKey: string
  readonly serviceKey: string
}

interface NewKeys {
  readonly appId: string
  readonly apiKeyId: string
  readonly serviceKeyId: string
  readonly apiKey: ReturnType<typeof newKey>
  readonly serviceKey: ReturnType<typeof newKey>
}

const linkKey = "start_link"

/** A new link for as long as nobody has a key; it replaces the one printed before. */
export async function issueStartLink(
  deps: Pick<Services, "storage" | "config">,
  owner: FirstOwner,
): Promise<string | null> {
  if ((await deps.storage.keys.listApiKeys(owner.workspaceId)).length > 0) return null
  // An owner who deleted their account gets no new one: the others have theirs.
  if (!(await deps.storage.accounts.findMember(owner.memberId))) return null
  const secret = newSecret()
  await deps.storage.meta.put(linkKey, sha256Text(secret))
  return `${deps.config.publicUrl}/start/${secret}`
}

export async function isStartLink(deps: Pick<Services, "storage">, secret: string): Promise<boolean> {
  return (await deps.storage.meta.get(linkKey)) === sha256Text(secret)
}

/** What the owner signs in with from now on. */
export interface OwnerSignIn {
  readonly email: string
  readonly passwordHash: string
}

/**
 * @param signIn null: the owner chose no password
 * @returns undefined when the link was used
 */
export async function redeemStartLink(
  deps: Pick<Services, "storage" | "clock" | "audit">,
  owner: FirstOwner,
  secret: string,
  signIn: OwnerSignIn | null,
): Promise<FirstKeys | undefined> {
  const keys: NewKeys = {
    appId: newId("app"),
    apiKeyId: newId("key"),
    serviceKeyId: newId("sk"),
    apiKey: newKey("b44k_"),
    serviceKey: newKey("gsk_"),
  }
  const redeemed = await deps.storage.transaction(async (stores) => {
    if ((await stores.meta.get(linkKey)) !== sha256Text(secret)) return false
    // Of two that redeem at once, only one deletes it.
    if (!(await stores.meta.delete(linkKey))) return false
    await insertKeys(stores, owner, keys, deps.clock.now())
    if (signIn) {
      await stores.accounts.updateMember(owner.memberId, { email: signIn.email })
      await storePassword(stores, owner.memberId, signIn.passwordHash, deps.clock.now())
    }
    return true
  })
  if (!redeemed) return undefined
  await auditKeys(deps.audit, owner, keys)
  const { apiKey, appId, serviceKey } = keys
  return { appId, workspaceId: owner.workspaceId, apiKey: apiKey.secret, serviceKey: serviceKey.secret }
}

async function auditKeys(
  audit: Services["audit"],
  { memberId, workspaceId }: FirstOwner,
  { apiKeyId, appId, serviceKeyId }: NewKeys,
): Promise<void> {
  const act = { workspaceId, actor: `member:${memberId}`, outcome: "ok" }
  await Promise.all([
    audit.record({ ...act, appId, action: "app.create", target: appId }),
    audit.record({ ...act, appId: null, action: "api_key.create", target: apiKeyId }),
    audit.record({ ...act, appId, action: "service_key.create", target: serviceKeyId }),
  ])
}

async function insertKeys(
  stores: Stores,
  { memberId, workspaceId }: FirstOwner,
  { apiKey, apiKeyId, appId, serviceKey, serviceKeyId }: NewKeys,
  now: number,
): Promise<void> {
  const described = { workspaceId, name: "first", createdAt: now, lastUsedAt: null }
  await stores.apps.insert({
    id: appId,
    workspaceId,
    name: "My first app",
    createdBy: memberId,
    createdAt: now,
  })
  await stores.keys.insertApiKey({ ...described, id: apiKeyId, memberId, prefix: apiKey.prefix }, apiKey.hash)
  await stores.keys.insertServiceKey(
    { ...described, id: serviceKeyId, appId, prefix: serviceKey.prefix },
    serviceKey.hash,
  )
}
