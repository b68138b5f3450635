/** What a command works with. */
import { createMembersClient, type MembersClient } from "@grantry/sdk/members"
import type { ExitCode } from "./cli-error.ts"
import { chooseCredential, chooseUrl, type ChosenCredential } from "./credentials/choose-credential.ts"
import { type CredentialsFile, credentialsFile } from "./credentials/credentials-file.ts"
import type { Environment } from "./environment.ts"
import { chooseApp, type ChosenApp } from "./project/choose-app.ts"
import { createOutput, type Output, type Streams } from "./terminal/output.ts"

/** Options that every command takes. */
export interface CommonOptions {
  readonly url?: string
  readonly json?: boolean
}

export interface Process {
  readonly setExitCode: (code: ExitCode) => void
  readonly env: Environment
  readonly cwd: string
  readonly streams: Streams
}

export interface Context extends Process {
  readonly output: Output
  readonly credentials: CredentialsFile
  /** Address of the server. */
  readonly url: () => Promise<string>
  readonly credential: () => Promise<ChosenCredential>
  readonly client: () => Promise<MembersClient>
  readonly app: (flag: string | undefined) => Promise<ChosenApp>
  /** Ends with exit code 1, although the result says it all. */
  readonly fail: () => void
}

export function createContext(process: Process, options: CommonOptions): Context {
  const { cwd, env, streams } = process
  const credentials = credentialsFile(env)
  const url = () => chooseUrl(options.url, env, credentials)
  const credential = async () => chooseCredential(await url(), env, credentials)
  return {
    ...process,
    output: createOutput(streams, options.json === true),
    credentials,
    url,
    credential,
    async client() {
      const chosen = await credential()
      return createMembersClient({ serverUrl: await url(), credential: chosen.credential })
    },
    fail: () => process.setExitCode(1),
    app: (flag) => chooseApp(flag, env, cwd),
  }
}
