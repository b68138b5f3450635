/**
 * Google Cloud KMS over REST as documented, for a service account whose self-signed tokens are verified.
 * https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys/encrypt, …/decrypt
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from "node:crypto"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  type Answer,
  type Asked,
  createKeys,
  type EmulatedKeyService,
  fromBase64,
  startHost,
} from "./emulated.ts"

const name = (key: string) => `projects/test-project/locations/europe-west1/keyRings/ring/cryptoKeys/${key}`
const clientEmail = "grantry@test-project.iam.gserviceaccount.com"

export async function startGcpKms(): Promise<EmulatedKeyService> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  })
  const folder = await mkdtemp(join(tmpdir(), "grantry-gcp-"))
  const credentials = join(folder, "service-account.json")
  const account = {
    type: "service_account",
    project_id: "test-project",
    private_key_id: "1",
    private_key: privateKey,
    client_email: clientEmail,
  }
  await writeFile(credentials, JSON.stringify(account))
  const [one, other] = [name("grantry"), name("other")]
  const keys = createKeys([one, other])
  const signer = createPublicKey(publicKey)
  const host = await startHost({
    answer: (asked) =>
      isFrom(signer, asked)
        ? answer(keys, asked)
        : failure(401, "UNAUTHENTICATED", "Request had invalid credentials."),
    failure: (fault) =>
      fault === "denied"
        ? failure(403, "PERMISSION_DENIED", "Permission 'cloudkms.cryptoKeyVersions.useToDecrypt' denied")
        : failure(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Cryptographic requests'"),
  })
  return Object.assign(host, {
    address: `gcp-kms:${one}`,
    otherAddress: `gcp-kms:${other}`,
    env: { GRANTRY_GCP_KMS_ENDPOINT: host.origin, GOOGLE_APPLICATION_CREDENTIALS: credentials },
    plaintexts: keys.plaintexts,
    async close() {
      await host.goAway()
      await rm(folder, { recursive: true, force: true })
    },
  })
}

function failure(code: number, status: string, message: string): Answer {
  return { status: code, body: { error: { code, message, status } } }
}

function answer(keys: ReturnType<typeof createKeys>, { method, path, text }: Asked): Answer {
  const [, key = "", act] = /^\/v1\/([^:?]+):(encrypt|decrypt)(?:\?.*)?$/.exec(path) ?? []
  if (method !== "POST" || act === undefined) return failure(404, "NOT_FOUND", "Method not found.")
  if (!keys.has(key)) return failure(404, "NOT_FOUND", `CryptoKey ${key} not found.`)
  const body = JSON.parse(text) as Record<string, unknown>
  const context = fromBase64(body["additionalAuthenticatedData"] ?? "")?.toString("hex")
  const value = fromBase64(body[act === "encrypt" ? "plaintext" : "ciphertext"])
  if (context === undefined || !value) return failure(400, "INVALID_ARGUMENT", "Invalid value (TYPE_BYTES)")
  if (act === "encrypt")
    return {
      status: 200,
      body: {
        name: `${key}/cryptoKeyVersions/1`,
        ciphertext: keys.encrypt(key, context, value).toString("base64"),
        protectionLevel: "SOFTWARE",
      },
    }
  const plaintext = keys.decrypt(key, context, value)
  if (!plaintext)
    return failure(
      400,
      "INVALID_ARGUMENT",
      "Decryption failed: verify that 'name' refers to the correct CryptoKey.",
    )
  return {
    status: 200,
    body: { plaintext: plaintext.toString("base64"), usedPrimary: true, protectionLevel: "SOFTWARE" },
  }
}

/** A service account signs its tokens itself: https://google.aip.dev/auth/4111 */
function isFrom(signer: KeyObject, { headers }: Asked): boolean {
  const [, head = "", claims = "", signature = ""] =
    /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(headers.authorization ?? "") ?? []
  const isSigned = verify(
    "sha256",
    Buffer.from(`${head}.${claims}`),
    signer,
    Buffer.from(signature, "base64url"),
  )
  if (!isSigned) return false
  const { exp, iss, scope } = JSON.parse(Buffer.from(claims, "base64url").toString()) as Record<
    string,
    unknown
  >
  return iss === clientEmail && Number(exp) * 1000 > Date.now() && /\/auth\/cloudkms\b/.test(String(scope))
}
