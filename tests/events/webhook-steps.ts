/** Calls of the webhook routes, as an admin makes them. */
import { type Answer, call } from "../harness/api.ts"

export const allEvents = [
  "connection.connected",
  "connection.reconnect_required",
  "connection.refreshed_late",
  "connection.disconnected",
  "connection.scopes_changed",
]

export interface WebhookBody {
  readonly id: string
  readonly url: string
  readonly status: string
  readonly disabled_reason: string | null
  readonly failing_since: string | null
  readonly secret: string
  readonly code: string
}

export interface DeliveryBody {
  readonly id: string
  readonly event: string
  readonly outcome: string
  readonly tries: number
  readonly http_status: number | null
  readonly error: string | null
  readonly next_try_at: string | null
}

export async function firstWorkspace(base: string): Promise<string> {
  const list = await call<{ workspaces: { id: string }[] }>(base, "GET", "/api/workspace/workspaces")
  return list.body.workspaces[0]?.id ?? ""
}

export interface Webhooks {
  create(body: Record<string, unknown>): Promise<Answer<WebhookBody>>
  list(): Promise<readonly WebhookBody[]>
  deliveries(id: string): Promise<readonly DeliveryBody[]>
  call<Body = Record<string, unknown>>(method: string, path: string): Promise<Answer<Body>>
}

export async function webhooksOf(base: string): Promise<Webhooks> {
  const root = `/api/workspace/${await firstWorkspace(base)}/webhooks`
  return {
    create: (body) => call<WebhookBody>(base, "POST", root, { body }),
    list: async () => (await call<{ webhooks: WebhookBody[] }>(base, "GET", root)).body.webhooks,
    deliveries: async (id) =>
      (await call<{ deliveries: DeliveryBody[] }>(base, "GET", `${root}/${id}/deliveries`)).body.deliveries,
    call: (method, path) => call(base, method, `${root}/${path}`),
  }
}
