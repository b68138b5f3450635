/** The control API: what tests and demonstrations do to the sandbox. */
import {
  controlInput,
  ControlInputError,
  oneOf,
  optionalNumber,
  optionalText,
  wholeNumber,
} from "./control-input.ts"
import type { ProviderEndpoint } from "./request-log.ts"
import { createRequestLog, loggedRequests, requestCounts } from "./request-log.ts"
import { canMeet, faultNames } from "./faults.ts"
import type { Fault } from "./faults.ts"
import { endGrant } from "./grants.ts"
import { setClient } from "./control-client.ts"
import { knownType } from "./known-type.ts"
import type { Sandbox } from "./sandbox.ts"
import { builtInClients } from "./sandbox.ts"
import { faultView, sandboxView } from "./sandbox-view.ts"

const tenYearsMs = 10 * 366 * 24 * 3600 * 1000
const endpoints: readonly ProviderEndpoint[] = ["token", "refresh", "revoke", "identity", "api"]

export type ControlAct = (sandbox: Sandbox, body: unknown) => unknown

export const controlPosts: Readonly<Record<string, ControlAct>> = {
  clock: moveClock,
  faults: addFault,
  reset,
  client: setClient,
  revoke,
}

/** @param query of `GET requests` */
export function readControl(sandbox: Sandbox, name: "state" | "requests", query: URLSearchParams): unknown {
  if (name === "state") return sandboxView(sandbox)
  const asked = query.get("type")
  const type = asked === null ? null : knownType(sandbox, { type: asked })
  return { requests: loggedRequests(sandbox.log, type), counts: requestCounts(sandbox.log, type) }
}

function moveClock(sandbox: Sandbox, body: unknown): unknown {
  const input = controlInput(body, ["advance_ms"])
  sandbox.clock.advance(wholeNumber(input, "advance_ms", { least: 0, most: tenYearsMs }))
  return { now: new Date(sandbox.clock.now()).toISOString() }
}

function addFault(sandbox: Sandbox, body: unknown): unknown {
  const input = controlInput(body, ["type", "fault", "times", "delay_ms", "retry_after_s", "endpoint"])
  const name = oneOf(input, "fault", faultNames)
  const isSlow = name === "slow"
  const fault: Fault = {
    type: knownType(sandbox, input),
    name,
    remaining: optionalNumber(input, "times", { least: 1, most: 1_000_000 }) ?? 1,
    delayMs: optionalNumber(input, "delay_ms", { least: 0, most: 120_000 }) ?? (isSlow ? 2000 : 0),
    retryAfterS: optionalNumber(input, "retry_after_s", { least: 0, most: 86_400 }) ?? 30,
    endpoint: input["endpoint"] === undefined ? null : oneOf(input, "endpoint", endpoints),
  }
  if (fault.endpoint !== null && !canMeet(name, fault.endpoint)) {
    throw new ControlInputError(
      `endpoint must be one that ${name} can happen at: leave it out for the usual ones.`,
    )
  }
  sandbox.faults.faults.push(fault)
  return faultView(fault)
}

/** What an account's owner does on the provider's own pages: take the consent back. */
function revoke(sandbox: Sandbox, body: unknown): unknown {
  const input = controlInput(body, ["type", "account"])
  const type = knownType(sandbox, input)
  const account = optionalText(input, "account")
  const realm = sandbox.services.get(type)?.realm
  const grants = [...sandbox.store.grants.values()].filter(
    (grant) => grant.live && grant.realm === realm && (account === null || grant.email === account),
  )
  for (const grant of grants) endGrant(sandbox.store, grant)
  return { revoked: grants.length }
}

/** Everything but the time, which never runs backwards. */
function reset(sandbox: Sandbox, body: unknown): unknown {
  controlInput(body ?? {}, [])
  const { store, clients, faults, log } = sandbox
  for (const map of [store.grants, store.tokens, store.codes, clients]) map.clear()
  for (const client of builtInClients(sandbox.services)) clients.set(client.clientId, client)
  faults.faults = []
  Object.assign(log, { entries: [], nextId: createRequestLog(log.most).nextId })
  log.counts.clear()
  store.changed()
  return { status: "reset" }
}
