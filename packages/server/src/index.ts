/** The server as a library: `grantry serve` and tests start it in their own process. */
export { type Config, ConfigError, type Flags, readConfig } from "./config.ts"
export { type RunningServer, type StartOptions, startServer } from "./server.ts"
