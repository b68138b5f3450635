/**
 * What authenticates the audit: HMAC-SHA-256 (RFC 2104) under a key of the workspace's own. Each event's MAC covers the
 * one before it, so that nothing can be changed, left out, put in or moved without the key; the chain's own record is
 * covered too, so that its end cannot be cut off. Every value is preceded by its length, and none is told from empty.
 */
import { createHmac, createSecretKey, type KeyObject } from "node:crypto"
import type { AuditChain, ChainLink } from "../../storage/stores/audit-chains.ts"
import type { AuditEvent } from "../../storage/stores/audit-events.ts"
import { associatedData } from "../../vault/associated-data.ts"

const version = 1

type Value = string | number | Uint8Array | null

export function macKeyOf(secret: string): KeyObject {
  return createSecretKey(secret, "base64url")
}

function mac(key: KeyObject, values: readonly Value[]): Buffer {
  return createHmac("sha256", key)
    .update(associatedData(version, values.map(encode)))
    .digest()
}

function encode(value: Value): string {
  if (value === null) return ""
  if (typeof value === "string") return `=${value}`
  return typeof value === "number" ? `#${value}` : `:${Buffer.from(value).toString("base64url")}`
}

/** What the first event of a chain follows. */
export function startMac(key: KeyObject, workspaceId: string): Buffer {
  return mac(key, ["start", workspaceId])
}

/** @param previous the MAC of the event before, or of the chain's start */
export function eventMac(key: KeyObject, previous: Uint8Array, sequence: number, event: AuditEvent): Buffer {
  const { action, actor, address, appId, at, count, id, outcome, requestId, target, until, workspaceId } =
    event
  const where = ["event", workspaceId, sequence, previous] as const
  return mac(key, [...where, id, appId, actor, action, target, outcome, count, at, until, address, requestId])
}

/** @returns the chain with its own record authenticated */
export function authenticated(key: KeyObject, chain: Omit<AuditChain, "mac">): AuditChain {
  return { ...chain, mac: chainMac(key, chain) }
}

export function isAuthentic(key: KeyObject, chain: AuditChain): boolean {
  return sameMac(chain.mac, chainMac(key, chain))
}

function chainMac(key: KeyObject, { base, brokenAt, head, unchained, workspaceId }: Omit<AuditChain, "mac">) {
  const ends = [base.sequence, base.mac, head.sequence, head.mac]
  return mac(key, ["chain", workspaceId, ...ends, unchained, brokenAt])
}

export function sameMac(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0
}

/** As people note a link down: `<sequence>:<mac in hexadecimal>`. */
export function linkText({ mac: bytes, sequence }: ChainLink): string {
  return `${sequence}:${Buffer.from(bytes).toString("hex")}`
}

/** @returns undefined for a text that is none */
export function parseLink(text: string): ChainLink | undefined {
  const [, sequence, hex] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text.trim()) ?? []
  if (sequence === undefined || hex === undefined) return undefined
  return { sequence: Number(sequence), mac: Buffer.from(hex, "hex") }
}
