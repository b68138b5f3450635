/** The server as a library: `grantry serve` and tests start it in their own process. */
export { type Config, ConfigError, type Flags, readCatalogDir, readConfig } from "./config.ts"
export { knownNames } from "./config/known-names.ts"
export { loadCatalog } from "./operator-catalog/load-catalog.ts"
export { type RunningServer, type StartOptions, startServer } from "./server.ts"
