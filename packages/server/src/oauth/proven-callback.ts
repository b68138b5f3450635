/** Callbacks that a provider signs with the client's secret: what is not signed is not believed. */
import { createHmac, timingSafeEqual } from "node:crypto"
import type { OAuthClient } from "./oauth-client.ts"

type Params = Readonly<Record<string, string>>

/** @returns the parameters that may be believed; null when the entry demands a proof and there is none */
export function provenCallback(
  { clientSecret, definition }: Pick<OAuthClient, "definition" | "clientSecret">,
  params: Params,
  nowMs: number,
): Params | null {
  const { dialect } = definition
  // A refusal needs no proof: it gives nobody anything.
  if (!dialect.provenCallback || params["error"] !== undefined) return params
  return dialect.provenCallback(params, {
    nowMs,
    signedBySecret: (text) => signedBySecret(clientSecret, text),
  })
}

function signedBySecret(secret: string, text: string): Readonly<Record<string, unknown>> | null {
  const [signature = "", payload = "", ...more] = text.split(".")
  const expected = createHmac("sha256", secret).update(payload).digest()
  const given = Buffer.from(signature, "base64url")
  if (more.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return null
  const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString())
  return typeof claims === "object" && claims !== null ? { ...claims } : null
}
