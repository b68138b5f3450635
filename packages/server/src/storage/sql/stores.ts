import type { Stores } from "../storage.ts"
import { accountStore } from "./accounts.ts"
import { appStore } from "./apps.ts"
import { attemptStore } from "./attempts.ts"
import { auditChainStore } from "./audit-chains.ts"
import { auditStore } from "./audit-events.ts"
import { backlogStore } from "./backlog.ts"
import { connectionStore, type SqlConnectionStore } from "./connections.ts"
import { connectorStore } from "./connectors.ts"
import { dataKeyStore } from "./data-keys.ts"
import { deviceStore } from "./devices.ts"
import { disconnectJobStore } from "./disconnect-jobs.ts"
import { guessStore } from "./guesses.ts"
import { identityIssuerStore } from "./identity-issuers.ts"
import { keyStore } from "./keys.ts"
import { metaStore } from "./meta.ts"
import { openIdAttemptStore } from "./openid-attempts.ts"
import { peopleStore } from "./people.ts"
import { replicaStore } from "./replicas.ts"
import { refreshOutcomeStore } from "./refresh-outcomes.ts"
import { revocationStore } from "./revocations.ts"
import { signInRecordStore } from "./sign-in-records.ts"
import { signingKeyStore } from "./signing-keys.ts"
import type { Executor } from "./statements.ts"
import { tenantRowStore } from "./tenant-rows.ts"
import { webhookStore } from "./webhooks.ts"
import { workspaceClosureStore } from "./workspace-closures.ts"

export interface SqlStores extends Stores {
  readonly connections: SqlConnectionStore
}

/** Every store over one database, or over one transaction in it. */
export function createStores(executor: Executor): SqlStores {
  return {
    meta: metaStore(executor),
    accounts: accountStore(executor),
    apps: appStore(executor),
    keys: keyStore(executor),
    identityIssuers: identityIssuerStore(executor),
    signingKeys: signingKeyStore(executor),
    dataKeys: dataKeyStore(executor),
    connectors: connectorStore(executor),
    connections: connectionStore(executor),
    attempts: attemptStore(executor),
    revocations: revocationStore(executor),
    audit: auditStore(executor),
    auditChains: auditChainStore(executor),
    signIns: signInRecordStore(executor),
    openIdAttempts: openIdAttemptStore(executor),
    devices: deviceStore(executor),
    people: peopleStore(executor),
    guesses: guessStore(executor),
    webhooks: webhookStore(executor),
    backlog: backlogStore(executor),
    replicas: replicaStore(executor),
    refreshOutcomes: refreshOutcomeStore(executor),
    disconnectJobs: disconnectJobStore(executor),
    closures: workspaceClosureStore(executor),
    tenantRows: tenantRowStore(executor),
  }
}
