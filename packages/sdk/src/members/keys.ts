import type { ListQuery } from "../wire/list.ts"
import type {
  ApiKeyListAnswer,
  CreatedKey,
  CreateKeyRequest,
  KeySummary,
  ServiceKeyListAnswer,
} from "../wire/keys.ts"
import { everyPage } from "./pages.ts"
import type { Send } from "./send.ts"

export interface KeysApi {
  list(ownerId: string): Promise<readonly KeySummary[]>
  /** The only answer that holds the key. */
  create(ownerId: string, request: CreateKeyRequest): Promise<CreatedKey>
  revoke(ownerId: string, keyId: string): Promise<{ readonly status: "deleted"; readonly id: string }>
}

/** Keys of an app's backend code: `ownerId` is the app. */
export function serviceKeysApi(send: Send): KeysApi {
  return keysApi<ServiceKeyListAnswer>(
    send,
    (appId) => ["apps", appId, "service-keys"],
    (answer) => answer.service_keys,
  )
}

/** Keys that act as the member who made them: `ownerId` is the workspace. */
export function apiKeysApi(send: Send): KeysApi {
  return keysApi<ApiKeyListAnswer>(
    send,
    (workspaceId) => ["workspace", workspaceId, "api-keys"],
    (answer) => answer.api_keys,
  )
}

function keysApi<Answer extends { readonly next_cursor: string | null }>(
  send: Send,
  pathOf: (ownerId: string) => readonly string[],
  items: (answer: Answer) => readonly KeySummary[],
): KeysApi {
  return {
    list(ownerId) {
      const read = (query: ListQuery) =>
        send<Answer>({ method: "GET", path: pathOf(ownerId), query: { ...query } })
      return everyPage(read, items)
    },
    create: (ownerId, body) => send({ method: "POST", path: pathOf(ownerId), body }),
    revoke: (ownerId, keyId) => send({ method: "DELETE", path: [...pathOf(ownerId), keyId] }),
  }
}
