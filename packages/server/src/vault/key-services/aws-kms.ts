/** AWS KMS through its own client: credentials, signatures and tries again are its business. */
import type * as AwsKms from "@aws-sdk/client-kms"
import { type KeyAddress, type KeyService, type KeyServiceAccess, KeyServiceError } from "./key-service.ts"

type Address = Extract<KeyAddress, { kind: "aws-kms" }>

export function openAwsKms(
  library: Pick<typeof AwsKms, "KMSClient" | "EncryptCommand" | "DecryptCommand">,
  { keyArn, region }: Address,
  { awsEndpoint, timeoutMs }: KeyServiceAccess,
): KeyService {
  const { DecryptCommand, EncryptCommand, KMSClient } = library
  const client = new KMSClient({
    region,
    ...(awsEndpoint !== null && { endpoint: awsEndpoint }),
    requestHandler: { connectionTimeout: timeoutMs, requestTimeout: timeoutMs },
  })
  return {
    async encrypt(context, plaintext, abortSignal) {
      const command = new EncryptCommand({
        KeyId: keyArn,
        Plaintext: plaintext,
        EncryptionContext: { ...context },
      })
      const { CiphertextBlob } = await asked(client.send(command, { abortSignal }))
      return CiphertextBlob ?? missing("CiphertextBlob")
    },
    async decrypt(context, ciphertext, abortSignal) {
      const command = new DecryptCommand({
        KeyId: keyArn,
        CiphertextBlob: ciphertext,
        EncryptionContext: { ...context },
      })
      const { Plaintext } = await asked(client.send(command, { abortSignal }))
      return Plaintext ?? missing("Plaintext")
    },
    close: async () => client.destroy(),
  }
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html#API_Decrypt_Errors */
const refusals = new Set(["InvalidCiphertextException", "IncorrectKeyException"])

/** The library's own error is let go: it may hold the request, and that a data key. */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (cause) {
    const { message, name } = cause instanceof Error ? cause : new Error(String(cause))
    throw new KeyServiceError(refusals.has(name) ? "refused" : "unavailable", `${name}: ${message}`)
  }
}

function missing(field: string): never {
  throw new KeyServiceError("unavailable", `its answer has no ${field}`)
}
