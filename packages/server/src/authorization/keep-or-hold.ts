/** A new grant is stored; or held, sealed, when it is another account's than before. */
import type { Account } from "../oauth/read-identity.ts"
import type { Attempt } from "../storage/stores/attempts.ts"
import type { Connection } from "../storage/stores/connections.ts"
import type { CompleteDependencies } from "./complete-dependencies.ts"
import { discardGrant } from "./discard-grant.ts"
import type { NewGrant } from "./exchange-code.ts"
import { attemptContext } from "./find-attempt.ts"
import { attemptLifeMs } from "./new-attempt.ts"
import { saveGrant } from "./save-grant.ts"

export interface AccountLabels {
  readonly oldAccount: string
  readonly newAccount: string
}

export type Kept =
  | { readonly kind: "connected"; readonly connectionId: string }
  | ({ readonly kind: "account_changed" } & AccountLabels)

/** @throws DIFFERENT_USER; the grant is then revoked */
export async function keepOrHold(
  deps: CompleteDependencies,
  attempt: Attempt,
  grant: NewGrant,
): Promise<Kept> {
  try {
    const saved = await saveGrant(deps, attempt, grant, false)
    if (saved.kind === "connected") return saved
    await hold(deps, attempt, grant)
    return { kind: "account_changed", ...accountLabels(saved.existing, grant.account) }
  } catch (error) {
    // A grant that cannot be kept must not live on at the provider.
    await discardGrant(deps, attempt, grant)
    throw error
  }
}

/** How the two accounts are told apart by a person. */
export function accountLabels(
  existing: Pick<Connection, "accountId" | "accountLabel"> | undefined,
  account: Account | null,
): AccountLabels {
  return {
    oldAccount: existing?.accountLabel ?? existing?.accountId ?? "the account connected before",
    newAccount: account?.label ?? "an account that the service does not name",
  }
}

async function hold(deps: CompleteDependencies, attempt: Attempt, grant: NewGrant): Promise<void> {
  const sealed = await deps.vault.seal(attemptContext(attempt, "grant"), JSON.stringify(grant))
  await deps.storage.attempts.holdForConfirmation(attempt.id, sealed, deps.clock.now() + attemptLifeMs)
}
