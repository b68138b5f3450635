import type { Page } from "./list.ts"

/** `POST /api/apps/{id}/service-keys`, `POST /api/workspace/{ws}/api-keys` */
export interface CreateKeyRequest {
  readonly name: string
}

/** The only answer that ever holds the key. */
export interface CreatedKey {
  readonly id: string
  readonly name: string
  /** `gsk_…` for an app's backend, `b44k_…` for a member; only its hash is kept. */
  readonly key: string
}

export interface KeySummary {
  readonly id: string
  readonly name: string
  /** The first characters of the key, to recognise it by. */
  readonly prefix: string
  /** ISO 8601, UTC. */
  readonly created_at: string
  /** ISO 8601, UTC; null while it was never used. Written in batches: may lag behind. */
  readonly last_used_at: string | null
}

/** `GET /api/apps/{id}/service-keys` */
export interface ServiceKeyListAnswer extends Page {
  readonly service_keys: readonly KeySummary[]
}

/** `GET /api/workspace/{ws}/api-keys` */
export interface ApiKeyListAnswer extends Page {
  readonly api_keys: readonly KeySummary[]
}
