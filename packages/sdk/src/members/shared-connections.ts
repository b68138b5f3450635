import type {
  AuthorizationAnswer,
  AuthorizationStatusAnswer,
  AuthorizationStatusQuery,
  AvailableIntegration,
  AvailableIntegrationsAnswer,
  CheckAnswer,
  DisconnectAnswer,
  InitiateRequest,
  IntegrationListAnswer,
  PutIntegrationRequest,
  RemoveAnswer,
  SharedConnection,
} from "../wire/integrations.ts"
import type { Send } from "./send.ts"

/** The connections that an app itself owns, one per connector type. */
export interface SharedConnectionsApi {
  /** Every connector type that the server knows. */
  available(): Promise<readonly AvailableIntegration[]>
  list(appId: string): Promise<readonly SharedConnection[]>
  /** Declares a type with exactly these scopes; the old token works until the new consent is complete. */
  declare(appId: string, type: string, request: PutIntegrationRequest): Promise<AuthorizationAnswer>
  /** Starts a consent; scopes are added to those that the connection has. */
  initiate(appId: string, request: InitiateRequest): Promise<AuthorizationAnswer>
  /** How a consent went, and why where it failed. */
  outcome(appId: string, query: AuthorizationStatusQuery): Promise<AuthorizationStatusAnswer>
  /** How a consent went. */
  status(appId: string, query: AuthorizationStatusQuery): Promise<AuthorizationStatusAnswer["status"]>
  /** One API call with the token, one refresh, one API call again; waits for the provider. */
  check(appId: string, type: string): Promise<CheckAnswer>
  /** Revokes and destroys the tokens; the type stays listed as `disconnected`. */
  disconnect(appId: string, type: string): Promise<DisconnectAnswer>
  /** The same, and forgets the type. */
  remove(appId: string, type: string): Promise<RemoveAnswer>
}

export function sharedConnectionsApi(send: Send): SharedConnectionsApi {
  const all = (appId: string, ...rest: readonly string[]) => ["apps", appId, "external-auth", ...rest]
  const one = (appId: string, type: string, ...rest: readonly string[]) =>
    all(appId, "integrations", type, ...rest)
  const outcome: SharedConnectionsApi["outcome"] = (appId, query) =>
    send({ method: "GET", path: all(appId, "status"), query: { ...query } })
  return {
    async available() {
      const path = ["external-auth", "available-integrations"]
      return (await send<AvailableIntegrationsAnswer>({ method: "GET", path })).integrations
    },
    async list(appId) {
      return (await send<IntegrationListAnswer>({ method: "GET", path: all(appId, "list") })).integrations
    },
    declare: (appId, type, body) => send({ method: "PUT", path: one(appId, type), body }),
    initiate: (appId, body) => send({ method: "POST", path: all(appId, "initiate"), body }),
    outcome,
    status: async (appId, query) => (await outcome(appId, query)).status,
    check: (appId, type) => send({ method: "POST", path: one(appId, type, "check") }),
    disconnect: (appId, type) => send({ method: "DELETE", path: one(appId, type) }),
    remove: (appId, type) => send({ method: "DELETE", path: one(appId, type, "remove") }),
  }
}
