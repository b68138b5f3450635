/**
 * Vault's Transit engine over its documented HTTP interface: HashiCorp keeps no client for Node.
 * https://developer.hashicorp.com/vault/api-docs/secret/transit
 */
import { readFile } from "node:fs/promises"
import { setTimeout as sleep } from "node:timers/promises"
import {
  createOutbound,
  type Outbound,
  type OutboundAnswer,
  OutboundError,
  parseAllowList,
} from "../../outbound/outbound.ts"
import { version } from "../../version.ts"
import { contextBytes } from "./context-bytes.ts"
import {
  type KeyAddress,
  type KeyService,
  type KeyServiceAccess,
  KeyServiceError,
  KeyServiceNotUsable,
} from "./key-service.ts"

type Address = Extract<KeyAddress, { kind: "vault-transit" }>

export function openVaultTransit(address: Address, access: KeyServiceAccess): KeyService {
  if (access.vaultToken === null && access.vaultTokenFile === null) {
    throw new KeyServiceNotUsable("neither GRANTRY_VAULT_TOKEN nor GRANTRY_VAULT_TOKEN_FILE is set")
  }
  // Who may set the master key says where it is: this host may have a private address, and nothing else may.
  const outbound = createOutbound({
    allowPrivate: parseAllowList(new URL(address.origin).hostname),
    userAgent: `grantry/${version}`,
  })
  const ask = (question: Question, signal: AbortSignal) =>
    askVault({ outbound, address, access, signal }, question)
  return {
    async encrypt(context, plaintext, signal) {
      const body = { plaintext: base64(plaintext), associated_data: base64(contextBytes(context)) }
      return Buffer.from(await ask({ act: "encrypt", body, field: "ciphertext" }, signal), "latin1")
    },
    async decrypt(context, ciphertext, signal) {
      const body = {
        ciphertext: Buffer.from(ciphertext).toString("latin1"),
        associated_data: base64(contextBytes(context)),
      }
      return Buffer.from(await ask({ act: "decrypt", body, field: "plaintext" }, signal), "base64")
    },
    close: () => outbound.close(),
  }
}

interface Question {
  readonly act: "encrypt" | "decrypt"
  readonly body: Readonly<Record<string, string>>
  /** Of the answer's data. */
  readonly field: string
}

interface Way {
  readonly outbound: Outbound
  readonly address: Address
  readonly access: KeyServiceAccess
  readonly signal: AbortSignal
}

const maxTries = 3
const pauseMs = 100

async function askVault(way: Way, question: Question): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    const answer = await send(way, question)
    if (tries === maxTries || !isPassing(answer, question)) return judge(answer, question)
    await sleep(pauseMs * 2 ** tries * (0.5 + Math.random() / 2))
    if (way.signal.aborted) return judge(answer, question)
  }
}

/** https://developer.hashicorp.com/vault/api-docs#http-status-codes: too many requests, a standby that catches up. */
function isPassing(answer: OutboundAnswer, question: Question): boolean {
  const { status } = answer
  if (isRefusal(answer, question)) return false
  return status === 429 || status === 412 || status === 472 || status === 473 || status >= 500
}

/**
 * Other words for 400 are that the key is missing or its version too old. For a long time Vault has said 500 when the
 * associated data was not the one (https://github.com/hashicorp/vault/issues/10842).
 */
function isRefusal({ status, text }: OutboundAnswer, { act }: Question): boolean {
  const isAboutIt = /message authentication failed|invalid ciphertext/i.test(saidIn(parsed(text)))
  return act === "decrypt" && (status === 400 || status === 500) && isAboutIt
}

async function send({ access, address, outbound, signal }: Way, { act, body }: Question) {
  const { keyName, mount, origin } = address
  try {
    return await outbound.send({
      method: "POST",
      url: `${origin}/v1/${mount}/${act}/${keyName}`,
      headers: {
        "content-type": "application/json",
        "x-vault-request": "true",
        "x-vault-token": await readToken(access),
        ...(access.vaultNamespace !== null && { "x-vault-namespace": access.vaultNamespace }),
      },
      body: JSON.stringify(body),
      deadlineMs: access.timeoutMs,
      signal,
    })
  } catch (cause) {
    if (!(cause instanceof OutboundError)) throw cause
    throw new KeyServiceError("unavailable", cause.message, { cause })
  }
}

async function readToken({ vaultToken, vaultTokenFile }: KeyServiceAccess): Promise<string> {
  if (vaultTokenFile === null) return vaultToken ?? ""
  try {
    return (await readFile(vaultTokenFile, "utf8")).trim()
  } catch (cause) {
    throw new KeyServiceError("unavailable", `GRANTRY_VAULT_TOKEN_FILE cannot be read`, { cause })
  }
}

function judge(answer: OutboundAnswer, question: Question): string {
  const { status, text } = answer
  const body = parsed(text)
  if (status === 200) {
    const value = member(member(body, "data"), question.field)
    if (typeof value === "string" && value !== "") return value
    throw new KeyServiceError("unavailable", `its answer has no ${question.field}`)
  }
  const said = saidIn(body)
  throw new KeyServiceError(
    isRefusal(answer, question) ? "refused" : "unavailable",
    `HTTP ${status}${said === "" ? "" : `: ${said}`}`,
  )
}

/** Errors come as a list of texts, some over several lines. */
function saidIn(body: unknown): string {
  const errors = member(body, "errors")
  if (!Array.isArray(errors)) return ""
  const texts = errors.filter((each): each is string => typeof each === "string")
  return texts.join("; ").replaceAll(/\s+/g, " ").trim().slice(0, 300)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64")
}
