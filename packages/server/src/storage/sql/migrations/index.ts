/** Every migration, in the order in which they run. */
import type { Dialect } from "../dialect.ts"
import type { Db } from "../schema.ts"
import { up as initial } from "./0001-initial.ts"
import { up as members } from "./0002-members.ts"
import { up as appUsers } from "./0003-app-users.ts"
import { up as appUserAttempts } from "./0004-app-user-attempts.ts"
import { up as webhooks } from "./0005-webhooks.ts"
import { up as refreshAhead } from "./0006-refresh-ahead.ts"
import { up as replicas } from "./0008-replicas.ts"
import { up as auditChain } from "./0009-audit-chain.ts"
import { up as dataKeySeals } from "./0011-data-key-seals.ts"

export interface Migration {
  readonly name: string
  up(db: Db, dialect: Dialect): Promise<void>
}

export const migrations: readonly Migration[] = [
  { name: "0001-initial", up: initial },
  { name: "0002-members", up: members },
  { name: "0003-app-users", up: appUsers },
  { name: "0004-app-user-attempts", up: appUserAttempts },
  { name: "0005-webhooks", up: webhooks },
  { name: "0006-refresh-ahead", up: refreshAhead },
  { name: "0008-replicas", up: replicas },
  { name: "0009-audit-chain", up: auditChain },
  { name: "0011-data-key-seals", up: dataKeySeals },
]
