/**
 * Vault's Transit engine as documented: a token, base64 in JSON, errors as a list of texts, associated data of AEAD keys.
 * https://developer.hashicorp.com/vault/api-docs/secret/transit
 */
import {
  type Answer,
  type Asked,
  createKeys,
  type EmulatedKeyService,
  fromBase64,
  startHost,
} from "./emulated.ts"

const token = "hvs.token-of-the-test"
const mount = "team/transit"

export async function startVaultTransit(): Promise<EmulatedKeyService> {
  const keys = createKeys(["grantry", "other"])
  const host = await startHost({
    answer: (asked) => answer(keys, asked),
    failure: (fault) =>
      fault === "denied"
        ? failure(403, "1 error occurred:\n\t* permission denied\n\n")
        : failure(429, 'request path "team/transit/decrypt/grantry": rate limit quota exceeded'),
  })
  return Object.assign(host, {
    address: `vault-transit:${host.origin}/${mount}/keys/grantry`,
    otherAddress: `vault-transit:${host.origin}/${mount}/keys/other`,
    env: { GRANTRY_VAULT_TOKEN: token },
    plaintexts: keys.plaintexts,
    close: host.goAway,
  })
}

function failure(status: number, ...errors: readonly string[]): Answer {
  return { status, body: { errors } }
}

function answer(keys: ReturnType<typeof createKeys>, { headers, method, path, text }: Asked): Answer {
  if (headers["x-vault-token"] !== token) return failure(403, "permission denied")
  const [, act, key = ""] = /^\/v1\/team\/transit\/(encrypt|decrypt)\/([\w.-]+)$/.exec(path) ?? []
  if (act === undefined) return failure(404, "no handler for route")
  if (method !== "POST" && method !== "PUT") return failure(405, "unsupported operation")
  if (!keys.has(key)) return failure(400, "encryption key not found")
  const body = JSON.parse(text) as Record<string, unknown>
  const context = fromBase64(body["associated_data"] ?? "")?.toString("hex")
  if (context === undefined) return failure(400, "failed to base64-decode associated_data")
  if (act === "encrypt") {
    const plaintext = fromBase64(body["plaintext"])
    if (!plaintext) return failure(400, "failed to base64-decode plaintext")
    const ciphertext = `vault:v1:${keys.encrypt(key, context, plaintext).toString("base64")}`
    return ok({ ciphertext, key_version: 1 })
  }
  const [, encoded] = /^vault:v1:(.*)$/.exec(String(body["ciphertext"])) ?? []
  if (encoded === undefined) return failure(400, "invalid ciphertext: no prefix")
  const box = fromBase64(encoded)
  if (!box) return failure(400, "invalid ciphertext: could not decode base64")
  const plaintext = keys.decrypt(key, context, box)
  // As of 1.6: https://github.com/hashicorp/vault/issues/10842
  if (!plaintext) return failure(500, "1 error occurred:\n\t* cipher: message authentication failed\n\n")
  return ok({ plaintext: plaintext.toString("base64") })
}

function ok(data: unknown): Answer {
  const rest = {
    lease_id: "",
    renewable: false,
    lease_duration: 0,
    wrap_info: null,
    warnings: null,
    auth: null,
  }
  return { status: 200, body: { request_id: "5b0d", ...rest, data } }
}
