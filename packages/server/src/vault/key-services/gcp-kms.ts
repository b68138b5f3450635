/** Google Cloud KMS through its own client, over REST: credentials and tries again are its business. */
import type * as GcpKms from "@google-cloud/kms"
import { contextBytes } from "./context-bytes.ts"
import { type KeyAddress, type KeyService, type KeyServiceAccess, KeyServiceError } from "./key-service.ts"

type Address = Extract<KeyAddress, { kind: "gcp-kms" }>

export function openGcpKms(
  { KeyManagementServiceClient }: Pick<typeof GcpKms, "KeyManagementServiceClient">,
  { keyName: name }: Address,
  { gcpEndpoint, timeoutMs }: KeyServiceAccess,
): KeyService {
  // gRPC would be a second way out of this process, with a proxy and certificate settings of its own.
  const client = new KeyManagementServiceClient({ ...endpointOf(gcpEndpoint), fallback: true })
  const options = { timeout: timeoutMs }
  return {
    async encrypt(context, plaintext) {
      const additionalAuthenticatedData = contextBytes(context)
      const request = { name, plaintext, additionalAuthenticatedData }
      const [{ ciphertext }] = await asked(client.encrypt(request, options), "encrypt")
      return bytesOf(ciphertext, "ciphertext")
    },
    async decrypt(context, ciphertext) {
      const additionalAuthenticatedData = contextBytes(context)
      const request = { name, ciphertext, additionalAuthenticatedData }
      const [{ plaintext }] = await asked(client.decrypt(request, options), "decrypt")
      return bytesOf(plaintext, "plaintext")
    },
    close: () => client.close(),
  }
}

function endpointOf(endpoint: string | null) {
  if (endpoint === null) return {}
  const { hostname, port, protocol } = new URL(endpoint)
  const isPlain = protocol === "http:"
  return {
    apiEndpoint: hostname,
    port: port === "" ? (isPlain ? 80 : 443) : Number(port),
    protocol: isPlain ? "http" : "https",
  }
}

/** `google.rpc.Code.INVALID_ARGUMENT`: what a ciphertext gets that another key or other data has made. */
const invalidArgument = 3

/** The library's own error is let go: it may hold the request, and that a data key. */
async function asked<T>(answer: Promise<T>, what: "encrypt" | "decrypt"): Promise<T> {
  try {
    return await answer
  } catch (cause) {
    const { message } = cause instanceof Error ? cause : new Error(String(cause))
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined
    const isRefused = what === "decrypt" && code === invalidArgument && /decryption failed/i.test(message)
    throw new KeyServiceError(isRefused ? "refused" : "unavailable", message)
  }
}

function bytesOf(value: Uint8Array | string | null | undefined, field: string): Uint8Array {
  if (value instanceof Uint8Array && value.length > 0) return value
  throw new KeyServiceError("unavailable", `its answer has no ${field}`)
}
