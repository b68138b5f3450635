/** `grantry keys …` */
import type { KeysApi } from "@grantry/sdk/members"
import type { Command } from "commander"
import type { CommonOptions, Context, Process } from "../context.ts"
import { table } from "../terminal/table.ts"
import { appOption, group, leaf } from "./command.ts"
import { newEpochCommand, rotateKeysCommand } from "./keys-server.ts"

interface KeyOptions extends CommonOptions {
  readonly app?: string
  readonly workspace?: string
}

export function keysCommand(process: Process): Command {
  return group(
    {
      usage: "keys",
      description: "Keys: of an app's backend code, of a workspace (API keys), and the server's master keys",
      examples: ["grantry keys create backend", "grantry keys list --workspace ws_1a2b3c"],
    },
    createKey(process),
    listKeys(process),
    revokeKey(process),
    rotateKeysCommand(process),
    newEpochCommand(process),
  )
}

interface Owner {
  readonly api: KeysApi
  readonly id: string
  readonly what: "service key" | "API key"
}

async function ownerOf(context: Context, { app, workspace }: KeyOptions): Promise<Owner> {
  const client = await context.client()
  if (workspace !== undefined) return { api: client.apiKeys, id: workspace, what: "API key" }
  return { api: client.serviceKeys, id: (await context.app(app)).id, what: "service key" }
}

function withOwner(command: Command): Command {
  return appOption(command).option(
    "--workspace <id>",
    "API keys of this workspace instead of an app's service keys",
  )
}

function createKey(process: Process): Command {
  const facts = {
    usage: "create <name>",
    description:
      "Create a service key of an app (gsk_…), or with --workspace an API key (b44k_…); it is shown once",
    examples: ["grantry keys create backend", "grantry keys create ci --workspace ws_1a2b3c --json"],
  }
  return withOwner(
    leaf<KeyOptions>(process, facts, async (context, options, name = "") => {
      const { output } = context
      const { api, id, what } = await ownerOf(context, options)
      const created = await api.create(id, { name })
      output.result(created)
      output.line(created.key)
      output.note(
        `The ${what} ${created.name} (${created.id}). It is shown this once: only its hash is kept.`,
      )
    }),
  )
}

function listKeys(process: Process): Command {
  const facts = {
    usage: "list",
    description: "List keys; the keys themselves are not kept",
    examples: ["grantry keys list", "grantry keys list --workspace ws_1a2b3c"],
  }
  return withOwner(
    leaf<KeyOptions>(process, facts, async (context, options) => {
      const { output } = context
      const { api, id, what } = await ownerOf(context, options)
      const keys = await api.list(id)
      output.result({ keys })
      if (keys.length === 0) return output.line(`No ${what} yet. Create one: grantry keys create NAME`)
      output.line(
        table([
          ["ID", "NAME", "BEGINS WITH", "CREATED", "LAST USED"].map((title) => output.style("dim", title)),
          ...keys.map((key) => [
            key.id,
            key.name,
            `${key.prefix}…`,
            key.created_at.slice(0, 10),
            key.last_used_at?.slice(0, 10) ?? "never",
          ]),
        ]),
      )
    }),
  )
}

function revokeKey(process: Process): Command {
  const facts = {
    usage: "revoke <id>",
    description: "Revoke a key; it is refused at once",
    examples: ["grantry keys revoke sk_1a2b3c"],
  }
  return withOwner(
    leaf<KeyOptions>(process, facts, async (context, options, keyId = "") => {
      const { api, id, what } = await ownerOf(context, options)
      context.output.result(await api.revoke(id, keyId))
      context.output.line(`Revoked the ${what} ${keyId}.`)
    }),
  )
}
