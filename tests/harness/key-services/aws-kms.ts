/**
 * AWS KMS as documented: JSON 1.1, Signature Version 4, ciphertexts bound to key and encryption context.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html, …/API_Decrypt.html
 */
import { createHash, createHmac } from "node:crypto"
import {
  type Answer,
  type Asked,
  createKeys,
  type EmulatedKeyService,
  fromBase64,
  startHost,
} from "./emulated.ts"

const region = "eu-west-1"
const accessKeyId = "AKIDEXAMPLE"
const secretAccessKey = "the-secret-of-the-test/+abcdefghijklmnop"
const arn = (id: string) => `arn:aws:kms:${region}:111122223333:key/${id}`

export async function startAwsKms(): Promise<EmulatedKeyService> {
  const [one, other] = [
    arn("1234abcd-12ab-34cd-56ef-1234567890ab"),
    arn("mrk-0987dcba09fedcba0987dcba09fedcba"),
  ]
  const keys = createKeys([one, other])
  const host = await startHost({
    answer: (asked) => answer(keys, asked),
    failure: (fault) =>
      fault === "denied"
        ? failure("AccessDeniedException", "User: arn:aws:iam::111122223333:user/x is not authorized")
        : failure("ThrottlingException", "You have exceeded the rate at which you may call KMS."),
  })
  return Object.assign(host, {
    address: `aws-kms:${one}`,
    otherAddress: `aws-kms:${other}`,
    env: {
      AWS_ENDPOINT_URL_KMS: host.origin,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
    plaintexts: keys.plaintexts,
    close: host.goAway,
  })
}

function failure(type: string, message: string): Answer {
  return {
    status: 400,
    headers: { "content-type": "application/x-amz-json-1.1" },
    body: { __type: type, message },
  }
}

function answer(keys: ReturnType<typeof createKeys>, asked: Asked): Answer {
  const problem = signatureProblem(asked)
  if (problem !== undefined) return failure("IncompleteSignatureException", problem)
  if (asked.headers["content-type"] !== "application/x-amz-json-1.1")
    return failure("SerializationException", "not JSON 1.1")
  const body = JSON.parse(asked.text) as Record<string, unknown>
  const keyId = String(body["KeyId"])
  if (!keys.has(keyId)) return failure("NotFoundException", `Key '${keyId}' does not exist`)
  const pairs = Object.entries(body["EncryptionContext"] ?? {}).map((pair) => JSON.stringify(pair))
  const context = pairs.toSorted().join()
  switch (asked.headers["x-amz-target"]) {
    case "TrentService.Encrypt": {
      const plaintext = fromBase64(body["Plaintext"])
      if (!plaintext || plaintext.length === 0 || plaintext.length > 4096)
        return failure("ValidationException", "Plaintext must have 1 to 4096 bytes")
      const id = Buffer.from(keyId)
      const blob = Buffer.concat([Buffer.of(id.length), id, keys.encrypt(keyId, context, plaintext)])
      return ok({
        CiphertextBlob: blob.toString("base64"),
        KeyId: keyId,
        EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      })
    }
    case "TrentService.Decrypt": {
      const blob = fromBase64(body["CiphertextBlob"]) ?? Buffer.alloc(0)
      const length = blob[0] ?? 0
      const named = blob.toString("utf8", 1, 1 + length)
      if (!keys.has(named)) return failure("InvalidCiphertextException", "")
      if (named !== keyId)
        return failure("IncorrectKeyException", "The key ID in the request does not identify a CMK")
      const plaintext = keys.decrypt(keyId, context, blob.subarray(1 + length))
      if (!plaintext) return failure("InvalidCiphertextException", "")
      return ok({
        Plaintext: plaintext.toString("base64"),
        KeyId: keyId,
        EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      })
    }
    default:
      return failure("UnknownOperationException", String(asked.headers["x-amz-target"]))
  }
}

function ok(body: unknown): Answer {
  return { status: 200, headers: { "content-type": "application/x-amz-json-1.1" }, body }
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function signatureProblem({ headers, method, path, text }: Asked): string | undefined {
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/kms\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? "",
    )
  const [, id, day = "", scope = "", signed = "", signature] = parts ?? []
  if (!parts) return "no signature of version 4"
  if (id !== accessKeyId || scope !== region) return "another credential or region"
  const names = signed.split(";")
  for (const name of ["host", "x-amz-date", "x-amz-target"])
    if (!names.includes(name)) return `${name} is not signed`
  const canonical = [
    method,
    path,
    "",
    ...names.map((name) => `${name}:${String(headers[name]).trim()}`),
    "",
    signed,
    createHash("sha256").update(text).digest("hex"),
  ].join("\n")
  const toSign = [
    "AWS4-HMAC-SHA256",
    headers["x-amz-date"],
    `${day}/${region}/kms/aws4_request`,
    createHash("sha256").update(canonical).digest("hex"),
  ].join("\n")
  const key = [day, region, "kms", "aws4_request"].reduce<string | Buffer>(
    (secret, part) => createHmac("sha256", secret).update(part).digest(),
    `AWS4${secretAccessKey}`,
  )
  const expected = createHmac("sha256", key).update(toSign).digest("hex")
  return expected === signature ? undefined : "the signature does not match"
}
