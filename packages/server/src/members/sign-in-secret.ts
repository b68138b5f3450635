/**
 * What signs the sessions' cookies: made at random at first use and kept sealed, so that it outlives a rotation of the
 * master key, and that whoever reads the database cannot sign a cookie.
 */
import { newSecret } from "../random.ts"
import type { Services } from "../services.ts"
import type { SealContext } from "../vault/vault.ts"
import { readFirstOwner } from "../workspace/bootstrap.ts"

const metaKey = "sign_in_secret"

type Dependencies = Pick<Services, "storage" | "vault">

/** Read once; an attempt that fails is not remembered. */
export function createSignInSecret(deps: Dependencies): () => Promise<string> {
  let secret: Promise<string> | undefined
  return () => {
    secret ??= openOrCreate(deps).catch((error: unknown) => {
      secret = undefined
      throw error
    })
    return secret
  }
}

async function openOrCreate({ storage, vault }: Dependencies): Promise<string> {
  const owner = await readFirstOwner(storage)
  if (!owner) throw new Error("The sign-in secret is asked for before there is a first owner")
  const context: SealContext = {
    workspaceId: owner.workspaceId,
    record: "sign_in",
    recordId: metaKey,
    field: "secret",
    bound: [],
  }
  const stored = (await storage.meta.get(metaKey)) ?? (await create({ storage, vault }, context))
  return vault.open(context, Buffer.from(stored, "base64"))
}

async function create({ storage, vault }: Dependencies, context: SealContext): Promise<string> {
  const sealed = await vault.seal(context, newSecret())
  return storage.meta.putIfAbsent(metaKey, Buffer.from(sealed).toString("base64"))
}
