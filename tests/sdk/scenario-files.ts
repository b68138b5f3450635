/** The runtime-neutral scenario, what it needs, and what has to come of it. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build } from "esbuild"
import { expect } from "vitest"
import { slackToken } from "./answers.ts"
import { appId, serviceKey } from "./contract-server.ts"

const sdkEntry = join(import.meta.dirname, "../../packages/sdk/src/index.ts")

/** The SDK as one minified module, without anything added for a runtime. */
export async function bundleSdk(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [sdkEntry],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    write: false,
  })
  const [file] = outputFiles
  if (file === undefined) throw new Error("esbuild wrote nothing")
  return file.text
}

export async function readScenario(): Promise<string> {
  return readFile(join(import.meta.dirname, "scenario.mjs"), "utf8")
}

export interface ScenarioFolder extends AsyncDisposable {
  readonly path: string
}

/** A folder with `sdk.js`, `scenario.mjs` and `run.mjs`, which prints the outcome as JSON. */
export async function makeScenarioFolder(serverUrl: string): Promise<ScenarioFolder> {
  const path = await mkdtemp(join(tmpdir(), "grantry-sdk-"))
  const values = [serverUrl, appId, serviceKey].map((value) => JSON.stringify(value)).join(", ")
  const run = `import { scenario } from "./scenario.mjs"\nconsole.log(JSON.stringify(await scenario(${values})))\n`
  await Promise.all([
    writeFile(join(path, "sdk.js"), await bundleSdk()),
    writeFile(join(path, "scenario.mjs"), await readScenario()),
    writeFile(join(path, "run.mjs"), run),
    // Else runtimes look for a project further up.
    writeFile(join(path, "package.json"), '{"type":"module"}'),
  ])
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

const grantryError = (name: string, rest: object): object =>
  expect.objectContaining({
    isGrantryError: true,
    name,
    json: expect.not.stringContaining(serviceKey),
    ...rest,
  })

export function expectedOutcome(serverUrl: string): object {
  const tokens = `${serverUrl}/api/apps/${appId}/external-auth/tokens`
  return {
    config: { serverUrl, appId },
    connection: {
      accessToken: slackToken.access_token,
      integrationType: "slack",
      connectionConfig: { team: "acme" },
      expiresAt: "2030-01-02T03:04:05.000Z",
      scopes: ["chat:write", "channels:read"],
      missingScopes: ["files:write"],
      account: { id: "U123", label: "ada@example.com" },
    },
    odd: "odd-token",
    byConnector: "connector-token",
    appUser: {
      redirectUrl: `${serverUrl}/connect/con_1`,
      completed: { status: "connected", connectionId: "conn_con_1" },
      status: {
        status: "connected",
        account: { id: "U1", label: "ada@example.com" },
        scopes: ["read"],
        missingScopes: ["write"],
      },
      list: ["con_1", "con_2"],
      token: "connector-token",
      users: ["u1", "u/2"],
      ofUser: "connector-token",
      minted: "2030-01-02T03:04:05.000Z",
      disconnected: "revoked",
      refused: grantryError("ConnectError", { code: "access_denied" }),
    },
    forwarded: slackToken.access_token,
    neverConnected: grantryError("NotConnectedError", { status: 404, code: "NOT_FOUND" }),
    grantDead: grantryError("ReconnectRequiredError", {
      status: 409,
      reconnectUrl: "https://grantry.example/connect/att_1",
      since: "2026-01-02T03:04:05.000Z",
    }),
    providerAway: grantryError("ProviderUnavailableError", { status: 503, retryAfterMs: 7000 }),
    notJson: grantryError("GrantryError", {
      status: 200,
      message: `${tokens}/web_page did not answer with JSON: does serverUrl name a Grantry server?`,
    }),
    redirect: `${tokens}/moved redirects: set serverUrl to the final address`,
    timedOut: grantryError("GrantryError", { message: `${tokens}/stalls did not answer within 150 ms` }),
    unreachable: {
      isGrantryError: true,
      message: "http://127.0.0.1:9/api/apps/app_1/external-auth/tokens/slack could not be reached",
    },
    withoutServiceToken: expect.stringMatching(/^Service token is required to use asServiceRole\./),
    withoutServerUrl: expect.stringMatching(/^createClient needs serverUrl/),
  }
}
