import { mkdir, rm, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { buildSdkPackage, makeFolder, root, run, type TemporaryFolder } from "./package-folder.ts"

let project: TemporaryFolder

beforeAll(async () => {
  project = await makeFolder()
  await mkdir(join(project.path, "node_modules/@base44"), { recursive: true })
  await mkdir(join(project.path, "node_modules/@grantry/sdk"), { recursive: true })
  await buildSdkPackage(join(project.path, "node_modules/@grantry/sdk"))
  await symlink(join(root, "node_modules/@base44/sdk"), join(project.path, "node_modules/@base44/sdk"))
  // The published SDK's own dependencies are found from where the link leads, the DOM's types in its declarations too.
  const compilerOptions = {
    target: "ES2022",
    lib: ["ES2022", "DOM", "DOM.Iterable"],
    module: "NodeNext",
    types: [],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  }
  await write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["*.ts"] }))
  await write("package.json", '{"type":"module"}')
})
afterAll(() => project[Symbol.asyncDispose]())

const write = (name: string, text: string): Promise<void> => writeFile(join(project.path, name), text)

const generated = `export {}
interface Types { slack: true; googlecalendar: true }
declare module "@grantry/sdk" { interface ConnectorIntegrationTypeRegistry extends Types {} }
declare module "@base44/sdk" { interface ConnectorIntegrationTypeRegistry extends Types {} }
`

/** Type-checks one call with or without the generated file. */
async function check(sdk: string, type: string, { withTypes }: { withTypes: boolean }) {
  await write(
    "main.ts",
    `import { createClient } from ${JSON.stringify(sdk)}
const client = createClient({ serverUrl: "https://g.example", appId: "a", serviceToken: "s" })
export const { accessToken, connectionConfig } = await client.asServiceRole.connectors.getConnection("${type}")
export const token: string = accessToken
export const config: Record<string, string> | null = connectionConfig
`,
  )
  if (withTypes) await write("connectors.d.ts", generated)
  else await rm(join(project.path, "connectors.d.ts"), { force: true })
  return run("tsc", ["-p", project.path], project.path)
}

describe.each(["@grantry/sdk", "@base44/sdk"])("connector types of %s", (sdk) => {
  test("a type of the generated file is accepted", async () => {
    expect(await check(sdk, "slack", { withTypes: true })).toEqual({ ok: true, output: "" })
  })

  test("a misspelt one does not compile", async () => {
    const { ok, output } = await check(sdk, "slak", { withTypes: true })
    expect(ok).toBe(false)
    expect(output).toMatch(/main\.ts.*"slak"/)
  })

  test("without the file any string is accepted", async () => {
    expect(await check(sdk, "slak", { withTypes: false })).toEqual({ ok: true, output: "" })
  })
})

test("errors and connections have the types that the documentation shows", async () => {
  await rm(join(project.path, "connectors.d.ts"), { force: true })
  await write(
    "main.ts",
    `import { ConnectError, createClient, createClientFromRequest, GrantryError, ReconnectRequiredError } from "@grantry/sdk"
import type { AppUserConnection, AppUserStatus, Connected } from "@grantry/sdk"
import type { ConnectorConnection, ConnectorIntegrationType, ErrorCode } from "@grantry/sdk"
import type { ConnectMessage, RevocationReceipt, TokenAnswer } from "@grantry/sdk/wire"
const anyString: ConnectorIntegrationType = "whatever"
const answer: Partial<TokenAnswer> = { expires_at: null }
const code: ErrorCode = "NOT_FOUND"
export async function handle(request: Request): Promise<ConnectorConnection | string | undefined> {
  try {
    return await createClientFromRequest(request).asServiceRole.connectors.getConnection(anyString)
  } catch (error) {
    if (error instanceof ReconnectRequiredError) return error.reconnectUrl ?? error.since?.toISOString()
    if (error instanceof GrantryError && error.code === code) return String(error.status ?? answer.expires_at)
    throw error
  }
}
const client = createClient({ serverUrl: "https://g.example", appId: "a", token: "user.jwt" })
export async function connect(id: string): Promise<string> {
  const url: string = await client.connectors.connectAppUser(id, { returnTo: "https://app.example/", loginHint: "a@b.example" })
  const back: Connected | null = await client.connectors.completeConnect(url)
  const { status, missingScopes }: AppUserStatus = await client.connectors.status(id)
  const all: AppUserConnection[] = await client.connectors.list()
  const told: RevocationReceipt = await client.connectors.disconnectAppUser(id)
  if (status === "reconnect_required") return missingScopes.join()
  try {
    return (await client.connectors.openConnectWindow(id)).connectionId
  } catch (error) {
    if (error instanceof ConnectError) return error.code ?? told
    return back?.connectionId ?? all[0]?.connectorId ?? ""
  }
}
export async function nightly(connectorId: string): Promise<Date> {
  const { connectors, users } = client.asServiceRole
  for (const { userId, status } of await connectors.listAppUsers(connectorId)) {
    if (status === "connected") await connectors.getAppUserConnection({ userId, connectorId })
  }
  return (await users.createToken({ userId: "u", expiresIn: 600 })).expiresAt
}
const message: ConnectMessage["source"] = "grantry"
// @ts-expect-error a user's account needs both of its names
void client.asServiceRole.connectors.getAppUserConnection({ userId: message })
// @ts-expect-error serverUrl has no default
createClient({ appId: "a" })
`,
  )
  expect(await run("tsc", ["-p", project.path, "--skipLibCheck", "false"], project.path)).toEqual({
    ok: true,
    output: "",
  })
  // Deno brings a TypeScript of its own.
  const deno = await run("deno", ["check", "--node-modules-dir=manual", "--no-lock", "main.ts"], project.path)
  expect(deno).toEqual({ ok: true, output: expect.stringContaining("Check") })
})
