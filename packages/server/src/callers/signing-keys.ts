/** A workspace's keys for the tokens that Grantry gives out itself: the private part is sealed, the public part is not. */
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from "jose"
import { newOrderedId } from "../random.ts"
import type { Clock } from "../services.ts"
import type { SigningKey, SigningKeyStore } from "../storage/stores/signing-keys.ts"
import { createBoundedMap } from "../vault/bounded-map.ts"
import { createSingleFlight } from "../vault/single-flight.ts"
import type { SealContext, Vault } from "../vault/vault.ts"

export const signingAlgorithm = "EdDSA"
export const maxTokenLifeS = 86_400

const dayMs = 86_400_000
const maxAgeMs = 90 * dayMs
/** A day for the last token that an old key has signed, another for clocks that differ. */
const keptMs = maxAgeMs + 2 * dayMs
/** How long it takes to notice another replica's newer key; until then the older one does as well. */
const memoryMs = 10 * 60_000
const maxInMemory = 1_000

export interface Signer {
  readonly id: string
  readonly privateKey: CryptoKey
}

export interface SigningKeys {
  /** For a new token; made when the workspace has none or its newest is old. */
  current(workspaceId: string): Promise<Signer>
  /** The public key, as long as tokens of it may live. */
  find(workspaceId: string, id: string): Promise<CryptoKey | undefined>
}

interface Dependencies {
  readonly store: SigningKeyStore
  readonly vault: Pick<Vault, "open" | "seal">
  readonly clock: Clock
}

interface Current extends Signer {
  readonly createdAt: number
  readonly loadedAt: number
}

export function createSigningKeys(deps: Dependencies): SigningKeys {
  const { clock, store } = deps
  const currents = createBoundedMap<Current>(maxInMemory)
  const publicKeys = createBoundedMap<CryptoKey>(maxInMemory)
  const chooseOnce = createSingleFlight<Current>()
  const isYoung = ({ createdAt }: Pick<SigningKey, "createdAt">) => clock.now() - createdAt < maxAgeMs

  async function choose(workspaceId: string): Promise<Current> {
    const newest = await store.findCurrent(workspaceId)
    const key = newest && isYoung(newest) ? newest : await makeKey(deps, workspaceId)
    const privateKey = await openPrivateKey(deps.vault, key)
    const current = { id: key.id, privateKey, createdAt: key.createdAt, loadedAt: clock.now() }
    currents.set(workspaceId, current)
    return current
  }

  return {
    async current(workspaceId) {
      const known = currents.get(workspaceId)
      const usable = known && isYoung(known) && clock.now() - known.loadedAt < memoryMs
      return usable ? known : chooseOnce(workspaceId, () => choose(workspaceId))
    },
    async find(workspaceId, id) {
      const place = `${workspaceId} ${id}`
      const known = publicKeys.get(place)
      if (known) return known
      const stored = await store.find(workspaceId, id)
      if (!stored) return undefined
      const key = await importKey(stored.publicJwkJson)
      publicKeys.set(place, key)
      return key
    },
  }
}

/** Two replicas may each make one at the same time: both sign, and both are found by their id. */
async function makeKey({ clock, store, vault }: Dependencies, workspaceId: string): Promise<SigningKey> {
  const pair = await generateKeyPair(signingAlgorithm, { extractable: true })
  const createdAt = clock.now()
  const id = newOrderedId("sig", createdAt)
  const sealedPrivateJwk = await vault.seal(
    privateKeyContext({ id, workspaceId }),
    JSON.stringify(await exportJWK(pair.privateKey)),
  )
  const publicJwkJson = JSON.stringify(await exportJWK(pair.publicKey))
  const key = { id, workspaceId, publicJwkJson, sealedPrivateJwk, createdAt }
  await store.insert(key)
  await store.removeOlder(workspaceId, createdAt - keptMs)
  return key
}

async function openPrivateKey(vault: Pick<Vault, "open">, key: SigningKey): Promise<CryptoKey> {
  return importKey(await vault.open(privateKeyContext(key), key.sealedPrivateJwk))
}

async function importKey(json: string): Promise<CryptoKey> {
  const key = await importJWK(JSON.parse(json) as JWK, signingAlgorithm)
  if (key instanceof Uint8Array) throw new Error("a stored signing key is not an asymmetric key")
  return key
}

function privateKeyContext({ id, workspaceId }: Pick<SigningKey, "id" | "workspaceId">): SealContext {
  return { workspaceId, record: "signing_key", recordId: id, field: "private_jwk", bound: [] }
}
