/** What the control API and the overview page show: no secrets. */
import type { Fault } from "./faults.ts"
import type { Grant, Token } from "./grants.ts"
import { tokensOf } from "./grants.ts"
import { requestCounts, masked } from "./request-log.ts"
import type { Sandbox } from "./sandbox.ts"

/** The newest, for grants that were refreshed for weeks. */
const tokensShown = 20

export function sandboxView(sandbox: Sandbox) {
  const { store, clients, faults, clock, services } = sandbox
  return {
    clock: { now: new Date(clock.now()).toISOString(), now_ms: clock.now() },
    services: [...services.keys()],
    grants: [...store.grants.values()].map((grant) => grantView(sandbox, grant)),
    faults: faults.faults.map(faultView),
    clients: [...clients.values()].map(({ clientId, realm, redirectUris, settings }) => ({
      client_id: clientId,
      realm,
      redirect_uris: redirectUris,
      settings,
    })),
    counts: requestCounts(sandbox.log, null),
  }
}

export type SandboxView = ReturnType<typeof sandboxView>

function grantView(sandbox: Sandbox, grant: Grant) {
  const tokens = tokensOf(sandbox.store, grant).slice(-tokensShown)
  return {
    id: grant.id,
    type: grant.type,
    part: grant.part,
    client_id: grant.clientId,
    account: grant.email,
    scopes: grant.scopes,
    status: grant.live ? "live" : "revoked",
    created_at: new Date(grant.createdAtMs).toISOString(),
    tokens: tokens.map((token) => tokenView(token, sandbox.clock.now())),
  }
}

function tokenView(token: Token, nowMs: number) {
  return {
    kind: token.kind,
    token: masked(token.value),
    status: tokenStatus(token, nowMs),
    scopes: token.scopes,
    issued_at: new Date(token.issuedAtMs).toISOString(),
    expires_at: token.expiresAtMs === null ? null : new Date(token.expiresAtMs).toISOString(),
  }
}

function tokenStatus(token: Token, nowMs: number): "live" | "expired" | "revoked" | "used" {
  if (token.revoked) return "revoked"
  if (token.usedAtMs !== null) return "used"
  return token.expiresAtMs !== null && nowMs >= token.expiresAtMs ? "expired" : "live"
}

export function faultView(fault: Fault) {
  const { type, name, remaining, delayMs, endpoint } = fault
  return { type, fault: name, times: remaining, delay_ms: delayMs, endpoint }
}
