/** The first owner: made at the first start, from the environment where it says so. */
import { describeKey } from "../callers/keys.ts"
import type { Config } from "../config.ts"
import { newId } from "../random.ts"
import type { Services } from "../services.ts"
import type { Member, Stores } from "../storage/stores.ts"

export interface FirstOwner {
  readonly memberId: string
  readonly workspaceId: string
}

const ownerKey = "first_owner"

type Dependencies = Pick<Services, "storage" | "clock"> & { readonly config: Pick<Config, "bootstrap"> }

/** Idempotent, also for replicas that start at once: the first to write its name is the one. */
export async function bootstrap(deps: Dependencies): Promise<FirstOwner> {
  const owner = await ensureOwner(deps)
  const { apiKey } = deps.config.bootstrap
  if (apiKey !== null) await ensureApiKey(deps, owner, apiKey)
  return owner
}

async function ensureOwner(deps: Dependencies): Promise<FirstOwner> {
  const known = await deps.storage.meta.get(ownerKey)
  if (known !== undefined) return JSON.parse(known) as FirstOwner
  const email = deps.config.bootstrap.email ?? "owner@localhost"
  return deps.storage.transaction(async (stores) => {
    const proposed = { memberId: newId("mem"), workspaceId: newId("ws") }
    const owner = JSON.parse(await stores.meta.putIfAbsent(ownerKey, JSON.stringify(proposed))) as FirstOwner
    if (owner.memberId === proposed.memberId) await insertOwner(stores, owner, email, deps.clock.now())
    return owner
  })
}

async function insertOwner(stores: Stores, owner: FirstOwner, email: string, now: number): Promise<void> {
  const member: Member = { id: owner.memberId, email, name: email.split("@")[0] ?? email, createdAt: now }
  await stores.accounts.insertMember(member)
  await stores.accounts.insertWorkspace({
    id: owner.workspaceId,
    name: "Personal",
    plan: "free",
    personalOf: member.id,
    createdAt: now,
  })
  await stores.accounts.insertMembership({
    workspaceId: owner.workspaceId,
    memberId: member.id,
    role: "owner",
  })
}

async function ensureApiKey(deps: Dependencies, owner: FirstOwner, apiKey: string): Promise<void> {
  const { hash, prefix } = describeKey(apiKey)
  if (await deps.storage.keys.findApiKeyByHash(hash)) return
  const key = {
    id: newId("key"),
    name: "bootstrap",
    prefix,
    createdAt: deps.clock.now(),
    lastUsedAt: null,
    ...owner,
  }
  await deps.storage.keys.insertApiKey(key, hash)
}
