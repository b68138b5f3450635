/** `grantry login`, `logout`, `whoami` */
import { setTimeout as sleep } from "node:timers/promises"
import {
  createDeviceLogin,
  createMembersClient,
  type DeviceLogin,
  type DeviceCode,
  type LoginTokens,
} from "@grantry/sdk/members"
import type { Command } from "commander"
import { CliError } from "../cli-error.ts"
import type { CommonOptions, Context, Process } from "../context.ts"
import { withTokens } from "../credentials/access-token.ts"
import { chooseCredential } from "../credentials/choose-credential.ts"
import type { StoredCredential } from "../credentials/credentials-file.ts"
import { readSecret } from "../terminal/ask.ts"
import { openBrowser } from "../terminal/open-browser.ts"
import { waitFor } from "../terminal/wait.ts"
import { leaf } from "./command.ts"

interface LoginOptions extends CommonOptions {
  readonly apiKey?: boolean
  readonly browser?: boolean
}

export function loginCommand(process: Process): Command {
  const facts = {
    usage: "login",
    description:
      "Sign in: in the browser, or with a workspace API key (asked for, or from a pipe; never an argument)",
    examples: ["grantry login --url https://grantry.example.com", "grantry login --api-key < key-file"],
  }
  return leaf<LoginOptions>(process, facts, async (context, { apiKey, browser }) => {
    if (apiKey === true) return loginWithKey(context)
    return loginWithDevice(context, browser !== false)
  })
    .option("--api-key", "store a workspace API key (b44k_…) instead")
    .option("--no-browser", "print the address instead of opening it")
}

async function loginWithKey(context: Context): Promise<void> {
  const url = await context.url()
  const key = await readSecret(context.streams.stdin, `API key of ${url}`)
  const { credential } = await chooseCredential(url, { GRANTRY_API_KEY: key }, context.credentials)
  const workspaces = await createMembersClient({ serverUrl: url, credential }).workspaces.list()
  await store(context, url, { kind: "api_key", key })
  context.output.result({ url, kind: "api_key", workspaces: workspaces.map(({ id }) => id) })
  context.output.line(`Signed in at ${url} with an API key.`)
}

async function loginWithDevice(context: Context, openPage: boolean): Promise<void> {
  const { output } = context
  const url = await context.url()
  const login = createDeviceLogin({ serverUrl: url })
  const code = await login.begin()
  const page = code.verification_uri_complete ?? code.verification_uri
  // The code is for the person and not for others: to stderr, also with --json.
  context.streams.stderr.write(`Confirm the code ${output.style("bold", code.user_code)} at ${page}\n`)
  if (openPage) await openBrowser(page)
  const tokens = await awaitApproval(context, login, code)
  const { email, name } = await login.userInfo(tokens.access_token)
  await store(context, url, withTokens({ email, name }, tokens))
  output.result({ url, kind: "device", email, name })
  output.line(`Signed in at ${url} as ${output.style("bold", email)}.`)
}

async function awaitApproval(
  { output, streams }: Context,
  login: DeviceLogin,
  code: DeviceCode,
): Promise<LoginTokens> {
  let slowerMs = 0
  const waited = await waitFor(streams, output.interactive, {
    text: "Waiting for the approval in your browser",
    everyMs: code.interval * 1000,
    forMs: code.expires_in * 1000,
    canSkip: false,
    async look() {
      await sleep(slowerMs)
      const answer = await login.poll(code.device_code)
      // RFC 8628 section 3.5: five seconds more, from here on.
      if (answer === "slow_down") slowerMs += 5_000
      return typeof answer === "string" ? undefined : answer
    },
  })
  if (waited.kind === "done") return waited.result
  throw new CliError("The code was not approved in time.", {
    code: "EXPIRED_TOKEN",
    hints: ["Start again: grantry login"],
  })
}

function store(context: Context, url: string, credential: StoredCredential): Promise<void> {
  return context.credentials.change(async (current) => ({
    next: { current: url, servers: { ...current.servers, [url]: credential } },
    result: undefined,
  }))
}

export function logoutCommand(process: Process): Command {
  const facts = {
    usage: "logout",
    description: "Forget the login at a server",
    examples: ["grantry logout --url https://grantry.example.com"],
  }
  return leaf(process, facts, async (context) => {
    const { credentials, output } = context
    const url = await context.url()
    const wasSignedIn = await credentials.change(async ({ current, servers }) => {
      const { [url]: forgotten, ...rest } = servers
      if (!forgotten) return { result: false }
      return { next: { current: current === url ? null : current, servers: rest }, result: true }
    })
    output.result({ url, signed_out: wasSignedIn })
    output.line(wasSignedIn ? `Signed out at ${url}.` : `You were not signed in at ${url}.`)
  })
}

export function whoamiCommand(process: Process): Command {
  const facts = {
    usage: "whoami",
    description: "Show who you are signed in as, and what the server says to that",
    examples: ["grantry whoami"],
  }
  return leaf(process, facts, async (context) => {
    const { output } = context
    const { label } = await context.credential()
    const workspaces = await (await context.client()).workspaces.list()
    output.result({ url: await context.url(), identity: label, workspaces })
    output.line(`${output.style("bold", label)} at ${await context.url()}`)
    for (const { id, name, user_role } of workspaces) output.line(`  ${user_role} of ${name} (${id})`)
  })
}
