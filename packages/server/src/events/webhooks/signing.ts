/** Signatures by the Standard Webhooks scheme, and the secrets that make them. */
import { randomBytes } from "node:crypto"
import type { Services } from "../../services.ts"
import type { WebhookEndpoint } from "../../storage/stores/webhooks.ts"
import type { SealContext } from "../../vault/vault.ts"

export interface SigningSecrets {
  readonly current: string
  /** Signs too until then, so that receivers can change over. */
  readonly previous: { readonly secret: string; readonly until: number } | null
}

type EndpointId = Pick<WebhookEndpoint, "workspaceId" | "id">

/** `whsec_` and 256 random bits in base64. */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`
}

function secretsContext({ id, workspaceId }: EndpointId): SealContext {
  return { workspaceId, record: "webhook_endpoint", recordId: id, field: "secrets", bound: [] }
}

export function sealSecrets(
  { vault }: Pick<Services, "vault">,
  endpoint: EndpointId,
  secrets: SigningSecrets,
): Promise<Uint8Array> {
  return vault.seal(secretsContext(endpoint), JSON.stringify(secrets))
}

/** @throws CredentialUnreadable */
export async function openSecrets(
  { vault }: Pick<Services, "vault">,
  endpoint: EndpointId & Pick<WebhookEndpoint, "sealedSecrets">,
): Promise<SigningSecrets> {
  return JSON.parse(await vault.open(secretsContext(endpoint), endpoint.sealedSecrets)) as SigningSecrets
}

/**
 * The three headers of one try.
 *
 * @param now by the clock that judges `until`
 * @param sentAt real time: receivers refuse what is older than five minutes
 */
export async function signedHeaders(
  { previous, current }: SigningSecrets,
  message: { readonly id: string; readonly payload: string },
  { now, sentAt }: { readonly now: number; readonly sentAt: Date },
): Promise<Record<string, string>> {
  const { Webhook } = await import("standardwebhooks")
  const secrets = previous !== null && now < previous.until ? [current, previous.secret] : [current]
  const signatures = secrets.map((secret) => new Webhook(secret).sign(message.id, sentAt, message.payload))
  return {
    "webhook-id": message.id,
    "webhook-timestamp": String(Math.floor(sentAt.getTime() / 1000)),
    "webhook-signature": signatures.join(" "),
  }
}
