/** A server in a process of its own, to be killed. Its argument is JSON; it says its address to who forked it. */
import { readConfig, startServer } from "@grantry/server"
import { pino } from "pino"
import { inSandbox } from "./replicas.ts"
import { knownNames } from "./server.ts"
import { testCatalog } from "./test-catalog.ts"

export interface ReplicaProcessInput {
  readonly env: Readonly<Record<string, string>>
  /** Origin of the sandbox that serves every provider. */
  readonly sandbox: string
}

const input = JSON.parse(process.argv[2] ?? "") as ReplicaProcessInput
const config = readConfig(input.env, knownNames(testCatalog))
const server = await startServer(config, pino({ level: "silent" }), {
  catalog: testCatalog,
  providerAddress: inSandbox(input.sandbox),
})
process.send?.(server.url)
