/** What Grantry knows of each service: data, and pure functions to read it with. */
export { builtInCatalog, builtInDefinitions, createCatalog, publicView } from "./catalog.ts"
export type { Catalog, PublicConfigField, PublicConnector } from "./catalog.ts"
export { checkConfigValues, selfHostedValues } from "./config-values.ts"
export type { CheckedConfigValues } from "./config-values.ts"
export { categories, defineConnector } from "./define.ts"
export type {
  ApiFacts,
  ApiLookup,
  AuthorizeFacts,
  Category,
  ClientAuthentication,
  ConfigFacts,
  ConfigField,
  ConnectorDefinition,
  ConnectorInput,
  IdentityFacts,
  JsonPath,
  LearnedValue,
  PkceSupport,
  RefreshFacts,
  Refusal,
  RefusalRule,
  RevocationFacts,
  ScopeFact,
  SetupFacts,
  Template,
  TokenAnswerPaths,
  TokenFacts,
} from "./define.ts"
export { laidOver } from "./dialect.ts"
export type {
  CallbackProof,
  Dialect,
  DialectContext,
  RevocationContext,
  TokenPhase,
  WireAnswer,
  WireRequest,
} from "./dialect.ts"
export { nearestNames } from "./nearest.ts"
export { accountFromConfig, accountFromToken, identityFromAnswer } from "./identity.ts"
export type { Account } from "./identity.ts"
export type { ConnectorType } from "./index.gen.ts"
export { fillFirst, firstTextAt, firstValueAt, isJsonObject, parseJson, scalarText, valueAt } from "./json.ts"
export type { JsonObject } from "./json.ts"
export { configFromApi, configFromIdentity, configFromToken, learnedConfig } from "./learned-config.ts"
export type { LearnedConfig } from "./learned-config.ts"
export { revocationOutcome } from "./revocation.ts"
export type { RevocationOutcome } from "./revocation.ts"
export { readSample } from "./read-sample.ts"
export type { TokenSample } from "./sample.ts"
export { missingScopes, normalizeScopes } from "./scopes.ts"
export { readTokenAnswer } from "./translate.ts"
export type { ReadAnswer } from "./translate.ts"
export { ConfigValueError, endpoint, fillUrl, hostSuffixesOf } from "./url.ts"
