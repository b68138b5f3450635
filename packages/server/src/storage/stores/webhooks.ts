/** What the server keeps of webhooks: who wants to hear of what, and what each has been told. */

export const webhookEventTypes = [
  "connection.connected",
  "connection.reconnect_required",
  "connection.refreshed_late",
  "connection.disconnected",
  "connection.scopes_changed",
] as const
export type WebhookEventType = (typeof webhookEventTypes)[number]

export type EndpointStatus = "enabled" | "disabled"

export interface WebhookEndpoint {
  readonly id: string
  readonly workspaceId: string
  /** Only this app's events; null: those of every app in the workspace. */
  readonly appId: string | null
  readonly url: string
  readonly events: readonly WebhookEventType[]
  readonly status: EndpointStatus
  readonly disabledReason: string | null
  /** JSON of the secrets that sign, sealed for this record. */
  readonly sealedSecrets: Uint8Array
  /** When the tries began to fail that have failed ever since; null after one that succeeded. */
  readonly failingSince: number | null
  /** Failed tries in a row. */
  readonly failures: number
  /** Nothing is sent there before this time. */
  readonly restUntil: number | null
  readonly version: number
  readonly createdAt: number
}

export type DeliveryOutcome = "pending" | "delivered" | "failed"

/** One message for one endpoint: an entry of the outbox, and the record of what became of it. */
export interface WebhookDelivery {
  /** The `webhook-id` of every try. */
  readonly id: string
  readonly workspaceId: string
  readonly endpointId: string
  readonly eventType: WebhookEventType | "webhook.test"
  /** The body as it is sent. It holds no secret. */
  readonly payload: string
  readonly outcome: DeliveryOutcome
  readonly tries: number
  readonly nextTryAt: number
  /** HTTP status of the last answer; null: there was none. */
  readonly lastStatus: number | null
  readonly lastError: string | null
  readonly createdAt: number
  readonly settledAt: number | null
}

/** What one try came to. */
export interface TryRecord {
  readonly status: number | null
  readonly error: string | null
}

/** Stands as the last error of a delivery while a person has it sent once more. */
export const sendingByHand = "it is being sent by hand"

export interface WebhookStore {
  insertEndpoint(endpoint: WebhookEndpoint): Promise<void>
  findEndpoint(workspaceId: string, id: string): Promise<WebhookEndpoint | undefined>
  /** Oldest first. */
  listEndpoints(workspaceId: string): Promise<readonly WebhookEndpoint[]>
  /** Those that are enabled. Inside a transaction none of them can be deleted until it ends. */
  listListening(workspaceId: string): Promise<readonly WebhookEndpoint[]>
  /** With all of its deliveries; false when there is no such endpoint. */
  deleteEndpoint(workspaceId: string, id: string): Promise<boolean>
  /** Compare-and-set on the version, which moves by one. */
  replaceSecrets(
    endpoint: Pick<WebhookEndpoint, "workspaceId" | "id" | "version">,
    sealed: Uint8Array,
  ): Promise<boolean>
  /** Takes deliveries again after it was disabled. */
  enable(workspaceId: string, id: string): Promise<boolean>

  insertDeliveries(deliveries: readonly WebhookDelivery[]): Promise<void>
  findDelivery(workspaceId: string, endpointId: string, id: string): Promise<WebhookDelivery | undefined>
  /**
   * Takes one that waits or has failed, as `takeDue` does, until then, with `sendingByHand` as its last error; false when
   * it is no longer as it was read.
   */
  takeDelivery(
    delivery: Pick<WebhookDelivery, "workspaceId" | "id" | "outcome" | "tries" | "nextTryAt">,
    holdUntil: number,
  ): Promise<boolean>
  /** Newest first. */
  listDeliveries(
    workspaceId: string,
    endpointId: string,
    page: { readonly limit: number; readonly after?: { readonly createdAt: number; readonly id: string } },
  ): Promise<readonly WebhookDelivery[]>

  /** Enabled endpoints with something due that do not rest, in the order of their ids, after `after`. */
  listDueEndpoints(query: {
    readonly now: number
    readonly after: string
    readonly limit: number
  }): Promise<readonly WebhookEndpoint[]>
  /** Takes due rows for `holdMs` (their `nextTryAt` moves, `tries` counts it): no other replica tries them meanwhile. */
  takeDue(query: {
    readonly endpointId: string
    readonly now: number
    readonly holdMs: number
    readonly limit: number
  }): Promise<readonly WebhookDelivery[]>
  /** Final. */
  settleDelivery(
    id: string,
    outcome: Exclude<DeliveryOutcome, "pending">,
    seen: TryRecord & { readonly at: number },
  ): Promise<void>
  retryDelivery(id: string, nextTryAt: number, seen: TryRecord): Promise<void>
  /**
   * Keeps a failing endpoint for whoever gets it, until `restUntil`: of all replicas one sends it a message. False when
   * somebody else has it.
   */
  claimFailing(
    endpoint: Pick<WebhookEndpoint, "id" | "failures" | "restUntil">,
    restUntil: number,
  ): Promise<boolean>
  noteSuccess(endpointId: string): Promise<void>
  /** @param failure `failures`: in a row, counted by who tried; messages that fail together count once */
  noteFailure(
    endpointId: string,
    failure: { readonly now: number; readonly failures: number; readonly restUntil: number },
  ): Promise<void>
  /** Ends the endpoint and fails what waits for it; false when it had been disabled already. */
  disable(endpointId: string, reason: string, now: number): Promise<boolean>
  /** Fails what has waited since before `createdBefore`. @returns how many */
  failOld(createdBefore: number, now: number): Promise<number>
  /** Endpoints of apps that are gone, once they have been told everything. */
  deleteEndpointsOfGoneApps(): Promise<void>
  /** Forgets what was settled before this. */
  deleteSettled(before: number): Promise<void>
}
