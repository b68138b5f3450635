/** The environments in which the server is measured. */
import { randomBytes } from "node:crypto"

export function newMasterKey(): string {
  return `bench:${randomBytes(32).toString("base64")}`
}

/** The server is told everything it needs; nothing is inherited. */
export function production(dataDir: string, masterKey: string): Readonly<Record<string, string>> {
  return {
    NODE_ENV: "production",
    GRANTRY_PORT: "0",
    GRANTRY_DATA_DIR: dataDir,
    GRANTRY_MASTER_KEY: masterKey,
    GRANTRY_SANDBOX: "off",
    // What is measured are the requests.
    GRANTRY_REFRESH_RATE: "0",
    // Looked at with every request, and never reached.
    GRANTRY_RATE_LIMITS: "reads=10000000/s",
  }
}

export function development(dataDir: string): Readonly<Record<string, string>> {
  return { GRANTRY_PORT: "0", GRANTRY_DATA_DIR: dataDir }
}
