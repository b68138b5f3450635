/** Connections as members see them: an app's shared ones and its users'. */
import type { Account } from "./account.ts"
import type { IntegrationStatus, RevocationReceipt } from "./integrations.ts"
import type { ListQuery, Page } from "./list.ts"

/** Never a token. */
export interface ConnectionSummary {
  readonly id: string
  readonly app_id: string
  /** `app`: shared by the whole app; `app_user`: one user's own. */
  readonly owner_kind: "app" | "app_user"
  /** null for shared ones. */
  readonly user_id: string | null
  /** `type`: what `getConnection(type)` uses; `connector`: that of one connector id. */
  readonly addressed_by: "type" | "connector"
  /** null where no connector of the workspace was used. */
  readonly connector_id: string | null
  readonly integration_type: string
  readonly display_name: string
  readonly status: IntegrationStatus
  readonly account: Account | null
  /** Granted scopes. */
  readonly scopes: readonly string[]
  /** Scopes that the connector asks for by now and that were not granted. */
  readonly missing_scopes: readonly string[]
  /** Why the last refresh failed, or the grant ended; null while all is well. */
  readonly last_refresh_error: string | null
  /** ISO 8601, UTC. */
  readonly created_at: string
  /** ISO 8601, UTC: the last consent while `active`, else when it ended. */
  readonly status_since: string
}

/** `GET /api/apps/{app}/connections/{connectionId}` */
export interface ConnectionDetails extends ConnectionSummary {
  /** What the last consent asked for. */
  readonly requested_scopes: readonly string[]
  /** E-mail address of the member who consented; null for app users' connections. */
  readonly connected_by: string | null
  /** Why the last refresh failed, or the grant ended; null while all is well. */
  readonly trouble: {
    /** The provider's own code where it named one. */
    readonly code: string
    readonly message: string
    /** ISO 8601, UTC. */
    readonly at: string
  } | null
  /** ISO 8601, UTC: when the access token dies; null where the provider names no time. */
  readonly expires_at: string | null
  /** ISO 8601, UTC: from when on a refresh is due; null for never. */
  readonly refresh_due_at: string | null
  /** ISO 8601, UTC; null before the first refresh. */
  readonly last_refreshed_at: string | null
}

/** `GET /api/apps/{app}/connections`, in the query string. */
export interface ConnectionListQuery extends ListQuery {
  readonly owner_kind?: "app" | "app_user"
  readonly user_id?: string
  readonly connector_id?: string
  readonly status?: IntegrationStatus
}

/** `GET /api/apps/{app}/user-connections`, in the query string. */
export interface UserConnectionQuery extends ListQuery {
  /** The beginning of a user's id, or, in whichever case, of an account's name. */
  readonly search: string
}

/** `GET /api/apps/{app}/connections`, `GET …/user-connections` and `GET /api/workspace/{ws}/connectors/{id}/connections` */
export interface ConnectionListAnswer extends Page {
  readonly connections: readonly ConnectionSummary[]
}

/** `DELETE /api/apps/{app}/connections/{connectionId}` */
export interface ConnectionDisconnectAnswer {
  readonly status: "disconnected"
  readonly id: string
  readonly revoked: RevocationReceipt
}
