/** The provider sent the person back: from the callback to a committed grant. */
import { GrantryError } from "../errors.ts"
import type { Services } from "../services.ts"
import type { Attempt } from "../storage/stores.ts"
import { type Callback, consumeAttempt, type ConsumedAttempt } from "./consume-attempt.ts"
import { exchangeForGrant, type NewGrant } from "./exchange-code.ts"
import { failAttempt } from "./fail-attempt.ts"
import { attemptContext } from "./find-attempt.ts"
import { discardGrant } from "./discard-grant.ts"
import { saveGrant } from "./save-grant.ts"
import { attemptLifeMs } from "./begin-shared.ts"

export type Completion =
  | {
      readonly kind: "connected"
      readonly serviceName: string
      readonly appName: string
      readonly accountLabel: string | null
    }
  | {
      readonly kind: "confirm_account"
      readonly attemptId: string
      readonly serviceName: string
      readonly appName: string
      readonly oldAccount: string
      readonly newAccount: string
    }

export type CompleteDependencies = Pick<
  Services,
  "config" | "catalog" | "clock" | "storage" | "vault" | "protocol" | "clients" | "audit" | "log"
>

/** @throws AUTHORIZATION_REFUSED, AUTHORIZATION_DENIED, ATTEMPT_OVER, DIFFERENT_USER; the attempt has then failed */
export async function complete(deps: CompleteDependencies, callback: Callback): Promise<Completion> {
  const consumed = await consumeAttempt(deps, callback)
  try {
    const grant = await exchangeForGrant(deps, consumed)
    return await keepGrant(deps, consumed, grant)
  } catch (error) {
    const refusal =
      error instanceof GrantryError
        ? error
        : new GrantryError("INTERNAL_ERROR", 500, "The connection could not be stored.")
    await failAttempt(deps, consumed.attempt, refusal)
    throw error
  }
}

async function keepGrant(
  deps: CompleteDependencies,
  consumed: ConsumedAttempt,
  grant: NewGrant,
): Promise<Completion> {
  const { app, attempt, client } = consumed
  const names = { serviceName: client.definition.displayName, appName: app.name }
  try {
    const saved = await saveGrant(deps, attempt, grant, false)
    if (saved.kind === "connected")
      return { kind: "connected", ...names, accountLabel: grant.account?.label ?? null }
    await hold(deps, attempt, grant)
    const oldAccount =
      saved.existing.accountLabel ?? saved.existing.accountId ?? "the account connected before"
    const newAccount = grant.account?.label ?? "an account that the service does not name"
    return { kind: "confirm_account", attemptId: attempt.id, ...names, oldAccount, newAccount }
  } catch (error) {
    // A grant that cannot be kept must not live on at the provider.
    await discardGrant(deps, attempt, grant)
    throw error
  }
}

async function hold(deps: CompleteDependencies, attempt: Attempt, grant: NewGrant): Promise<void> {
  const sealed = await deps.vault.seal(attemptContext(attempt, "grant"), JSON.stringify(grant))
  await deps.storage.attempts.holdForConfirmation(attempt.id, sealed, deps.clock.now() + attemptLifeMs)
}
