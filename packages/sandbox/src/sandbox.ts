/** Everything that one sandbox holds. */
import type { FaultStore } from "./faults.ts"
import type { GrantStore } from "./grants.ts"
import type { OauthClient } from "./oauth-client.ts"
import { sandboxClient } from "./oauth-client.ts"
import type { RequestLog } from "./request-log.ts"
import type { SandboxClock } from "./sandbox-clock.ts"
import type { Service } from "./service.ts"

export interface Sandbox {
  readonly services: ReadonlyMap<string, Service>
  readonly clock: SandboxClock
  readonly store: GrantStore
  readonly clients: Map<string, OauthClient>
  readonly faults: FaultStore
  readonly log: RequestLog
}

/** The OAuth clients that exist before anybody registers one. */
export function builtInClients(services: ReadonlyMap<string, Service>): OauthClient[] {
  return [...services.values()].map((service) => ({
    ...sandboxClient(service.definition.type),
    realm: service.realm,
    redirectUris: null,
    settings: initialSettings(service),
  }))
}

export function initialSettings(service: Service): OauthClient["settings"] {
  const facts = Object.entries(service.profile.settings)
  return Object.fromEntries(facts.map(([name, fact]) => [name, fact.initial]))
}

/** The client of that id at that service. */
export function clientOf(sandbox: Sandbox, service: Service, clientId: string): OauthClient | null {
  const client = sandbox.clients.get(clientId)
  return client?.realm === service.realm ? client : null
}
