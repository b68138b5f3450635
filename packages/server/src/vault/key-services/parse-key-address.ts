/** Reads where in a key service a master key is. */
import type { KeyAddress } from "./key-service.ts"

/** The message ends the sentence "the key must be". */
export class KeyAddressInvalid extends Error {
  override readonly name = "KeyAddressInvalid"
}

export const keyServiceNames = {
  "aws-kms": "AWS KMS",
  "gcp-kms": "Google Cloud KMS",
  "vault-transit": "Vault Transit",
} as const satisfies Record<KeyAddress["kind"], string>

/**
 * @param text e.g. `aws-kms:arn:aws:kms:eu-west-1:111122223333:key/1234abcd-…`
 * @returns undefined when it names no key service
 * @throws KeyAddressInvalid
 */
export function parseKeyAddress(text: string): KeyAddress | undefined {
  const colon = text.indexOf(":")
  const rest = text.slice(colon + 1)
  switch (colon < 0 ? "" : text.slice(0, colon)) {
    case "aws-kms":
      return parseAws(rest)
    case "gcp-kms":
      return parseGcp(rest)
    case "vault-transit":
      return parseVault(rest)
    default:
      return undefined
  }
}

// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-ARN; an alias may come to name another
// key, which would no longer open what stands.
const arnPattern = /^arn:aws[a-z-]*:kms:([a-z0-9-]{1,40}):\d{12}:key\/[A-Za-z0-9-]{1,64}$/

function parseAws(keyArn: string): KeyAddress {
  const region = arnPattern.exec(keyArn)?.[1]
  if (region === undefined)
    throw new KeyAddressInvalid("the ARN of a KMS key, e.g. aws-kms:arn:aws:kms:REGION:ACCOUNT:key/ID")
  return { kind: "aws-kms", keyArn, region }
}

const gcpPattern =
  /^projects\/[a-z0-9.:-]{1,63}\/locations\/[a-z0-9-]{1,40}\/keyRings\/[\w-]{1,63}\/cryptoKeys\/[\w-]{1,63}$/

function parseGcp(keyName: string): KeyAddress {
  if (!gcpPattern.test(keyName))
    throw new KeyAddressInvalid(
      "the name of a key without a version, e.g. gcp-kms:projects/P/locations/L/keyRings/R/cryptoKeys/K",
    )
  return { kind: "gcp-kms", keyName }
}

const vaultPattern = /^\/((?:[\w.-]{1,64}\/){1,8})keys\/([\w.-]{1,128})$/
const loopback = new Set(["localhost", "127.0.0.1", "[::1]"])

function parseVault(address: string): KeyAddress {
  const must =
    "the address of a Transit key, e.g. vault-transit:https://vault.example.com:8200/transit/keys/grantry"
  const url = URL.canParse(address) ? new URL(address) : undefined
  const [, mount, keyName] = vaultPattern.exec(url?.pathname ?? "") ?? []
  if (!url || mount === undefined || keyName === undefined) throw new KeyAddressInvalid(must)
  if (url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "")
    throw new KeyAddressInvalid(must)
  // The token and the data keys go this way.
  if (url.protocol !== "https:" && !(url.protocol === "http:" && loopback.has(url.hostname)))
    throw new KeyAddressInvalid(`${must}; plain http: only to this machine`)
  return { kind: "vault-transit", origin: url.origin, mount: mount.slice(0, -1), keyName }
}
