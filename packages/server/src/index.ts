/** The server as a library: `grantry serve`, `keys rotate`, `doctor` and tests run it in their own process. */
export { type Config, ConfigError, type FlagName, type Flags, readCatalogDir, readConfig } from "./config.ts"
export { knownNames } from "./config/known-names.ts"
export { type Finding, inspectConfiguration } from "./doctor/inspect-configuration.ts"
export { inspectProviders } from "./doctor/inspect-providers.ts"
export { loadCatalog } from "./operator-catalog/load-catalog.ts"
export { renewDataKeys } from "./renew-data-keys.ts"
export { rotateMasterKey, type RotationResult } from "./rotate-master-key.ts"
export { isPlan, type Plan, plans } from "./plans.ts"
export { runProcess } from "./run-process.ts"
export {
  type ChainReport,
  type FileReport,
  linkText,
  parseLink,
  verifyAuditFile,
  verifyAudits,
} from "./verify-audit.ts"
export { type PlanChange, setWorkspacePlan } from "./set-workspace-plan.ts"
export { type RunningServer, type StartOptions, startServer } from "./server.ts"
export { MasterKeyMismatch } from "./vault/vault.ts"
