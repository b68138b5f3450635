import { createClient } from "@grantry/sdk"

const env = (name: string): string => {
  const value = process.env[name]
  if (value) return value
  throw new Error(`${name} is not set`)
}

/** What the page may know. */
export const publicConfig = () => ({
  serverUrl: env("GRANTRY_URL"),
  appId: env("GRANTRY_APP_ID"),
  connectorId: env("CONNECTOR_ID"),
})

/** For route handlers and server components only: it holds the service key. */
export function grantry() {
  return createClient({ ...publicConfig(), serviceToken: env("GRANTRY_SERVICE_KEY") }).asServiceRole
}

/** Stands for whatever tells your app who is signed in. */
export const currentUserId = async (): Promise<string> => "ada"
