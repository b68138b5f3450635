/** The first owner: made at the first start, from the environment where it says so. */
import { describeKey } from "../callers/keys.ts"
import { type Config, ConfigError } from "../config.ts"
import { hashPassword, hasPassword, storePassword } from "../members/passwords.ts"
import { newId } from "../random.ts"
import type { Services } from "../services.ts"
import { AlreadyExists } from "../storage/storage-errors.ts"
import type { Storage, Stores } from "../storage/storage.ts"
import type { Member } from "../storage/stores/accounts.ts"
import { insertWithPersonalWorkspace } from "./insert-member.ts"

export interface FirstOwner {
  readonly memberId: string
  readonly workspaceId: string
}

const ownerKey = "first_owner"

type Dependencies = Pick<Services, "storage" | "clock" | "audit"> & {
  readonly config: Pick<Config, "bootstrap">
}

/** Idempotent, also for replicas that start at once: the first to write its name is the one. */
export async function bootstrap(deps: Dependencies): Promise<FirstOwner> {
  const owner = await ensureOwner(deps)
  const { apiKey, email, password } = deps.config.bootstrap
  // Whoever deleted their account is not brought back.
  if (!(await deps.storage.accounts.findMember(owner.memberId))) return owner
  if (apiKey !== null) await ensureApiKey(deps, owner, apiKey)
  if (email !== null && password !== null) await ensurePassword(deps, owner, { email, password })
  return owner
}

/** undefined before the first start has ended. */
export async function readFirstOwner({ meta }: Pick<Storage, "meta">): Promise<FirstOwner | undefined> {
  const known = await meta.get(ownerKey)
  return known === undefined ? undefined : (JSON.parse(known) as FirstOwner)
}

async function ensureOwner(deps: Dependencies): Promise<FirstOwner> {
  const known = await readFirstOwner(deps.storage)
  if (known) return known
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
  await insertWithPersonalWorkspace(stores, member, owner.workspaceId)
}

/** Once: an owner who has a password keeps it, and the address that goes with it. */
async function ensurePassword(
  deps: Dependencies,
  { memberId, workspaceId }: FirstOwner,
  { email, password }: { readonly email: string; readonly password: string },
): Promise<void> {
  if (await hasPassword(deps.storage, memberId)) return
  const passwordHash = await hashPassword(password)
  await deps.storage.transaction(async (stores) => {
    // Of replicas that start at once, the others wait here and find the password of the first.
    await stores.people.lockWorkspace(workspaceId)
    if (await hasPassword(stores, memberId)) return
    await setAddress(stores, memberId, email)
    await storePassword(stores, memberId, passwordHash, deps.clock.now())
  })
}

/** @throws ConfigError when the address is another member's */
async function setAddress({ accounts }: Stores, memberId: string, email: string): Promise<void> {
  try {
    await accounts.updateMember(memberId, { email })
  } catch (cause) {
    if (!(cause instanceof AlreadyExists)) throw cause
    const variable = "GRANTRY_BOOTSTRAP_EMAIL"
    const line = `${variable} is ${JSON.stringify(email)}, but it must be the first owner's address: another member has it`
    throw new ConfigError([{ variable, line }], { cause })
  }
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
  await deps.audit.record({
    workspaceId: owner.workspaceId,
    appId: null,
    actor: "operator",
    action: "api_key.create",
    target: key.id,
    outcome: "ok",
  })
}
