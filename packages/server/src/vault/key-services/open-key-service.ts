/** The client of a key service; what it needs is loaded here, for the services that are configured. */
import { KeyServiceNotUsable, type KeyServiceAccess, type OpenKeyService } from "./key-service.ts"

export function keyServiceOpener(access: KeyServiceAccess): OpenKeyService {
  return async (address) => {
    switch (address.kind) {
      case "aws-kms": {
        const library = await loadLibrary("@aws-sdk/client-kms", "3", () => import("@aws-sdk/client-kms"))
        return (await import("./aws-kms.ts")).openAwsKms(library, address, access)
      }
      case "gcp-kms": {
        const library = await loadLibrary("@google-cloud/kms", "6", () => import("@google-cloud/kms"))
        return (await import("./gcp-kms.ts")).openGcpKms(library, address, access)
      }
      case "vault-transit":
        return (await import("./vault-transit.ts")).openVaultTransit(address, access)
    }
  }
}

/** @throws KeyServiceNotUsable with the command that installs it */
export async function loadLibrary<T>(name: string, major: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    if (!isMissing(cause, name)) throw cause
    throw new KeyServiceNotUsable(
      `the package ${name} is not installed. Install it beside Grantry: npm install ${name}@${major}`,
      { cause },
    )
  }
}

function isMissing(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    error.code === "ERR_MODULE_NOT_FOUND" &&
    error.message.includes(`'${name}'`)
  )
}
