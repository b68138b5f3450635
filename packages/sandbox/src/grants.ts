/** Grants, codes and tokens: what the emulated providers remember. */
import { randomBytes } from "node:crypto"

/** One account's consent to one OAuth client. */
export interface Grant {
  readonly key: string
  readonly id: string
  readonly realm: string
  readonly type: string
  readonly clientId: string
  readonly email: string
  /** Services that give several tokens at once (Slack: bot and user) have a grant for each; else `main`. */
  readonly part: string
  scopes: readonly string[]
  live: boolean
  readonly createdAtMs: number
  /** Tokens that may still matter. */
  tokens: string[]
  /** Length of `tokens` at which the dead ones are dropped. */
  sweepAt: number
}

export interface Token {
  readonly value: string
  readonly kind: "access" | "refresh"
  readonly grantKey: string
  /** All tokens that descend from one code exchange. */
  readonly chain: string
  readonly type: string
  readonly scopes: readonly string[]
  readonly config: Readonly<Record<string, string>>
  /** The grant came about with PKCE: some services then ask for no secret. */
  readonly withPkce: boolean
  readonly issuedAtMs: number
  expiresAtMs: number | null
  revoked: boolean
  /** A rotated refresh token: when it was first presented. */
  usedAtMs: number | null
  /** A refresh token that stays: when it was last presented; null or absent: never. */
  presentedAtMs?: number | null
}

export interface CodePart {
  readonly part: string
  readonly scopes: readonly string[]
  readonly withRefreshToken: boolean
}

export interface Code {
  readonly value: string
  readonly realm: string
  readonly type: string
  readonly clientId: string
  readonly redirectUri: string
  readonly email: string
  readonly parts: readonly CodePart[]
  readonly challenge: { readonly value: string; readonly method: string } | null
  readonly config: Readonly<Record<string, string>>
  readonly expiresAtMs: number
  /** The chain that it gave, once it was used. */
  usedFor: string | null
}

export interface GrantStore {
  readonly grants: Map<string, Grant>
  readonly tokens: Map<string, Token>
  readonly codes: Map<string, Code>
  /** Called after every change. */
  readonly changed: () => void
}

export function createGrantStore(changed: () => void): GrantStore {
  return { grants: new Map(), tokens: new Map(), codes: new Map(), changed }
}

export interface GrantOwner {
  readonly realm: string
  readonly type: string
  readonly clientId: string
  readonly email: string
  readonly part: string
  /** Whose grant it is at the provider: the account, or for bots the workspace. */
  readonly subject: string
}

export function grantKey(owner: Pick<GrantOwner, "clientId" | "part" | "subject">): string {
  return JSON.stringify([owner.clientId, owner.part, owner.subject])
}

export function newId(prefix: string): string {
  return `${prefix}_${randomBytes(9).toString("base64url")}`
}

/** The live grant of that owner, made or widened. */
export function giveGrant(
  store: GrantStore,
  owner: GrantOwner,
  scopes: readonly string[],
  nowMs: number,
): Grant {
  const key = grantKey(owner)
  const existing = store.grants.get(key)
  if (existing?.live === true) {
    existing.scopes = union(existing.scopes, scopes)
    return existing
  }
  const { realm, type, clientId, email, part } = owner
  const id = newId("grant")
  const tokens = existing?.tokens ?? []
  const grant: Grant = {
    key,
    id,
    realm,
    type,
    clientId,
    email,
    part,
    scopes,
    live: true,
    createdAtMs: nowMs,
    tokens,
    sweepAt: 64,
  }
  store.grants.set(key, grant)
  return grant
}

/** Dead tokens are remembered, up to a number per grant, so that a late reuse is told from an unknown token. */
const deadRemembered = 500
const maxCodes = 10_000

export function addToken(store: GrantStore, grant: Grant, token: Token): void {
  store.tokens.set(token.value, token)
  grant.tokens.push(token.value)
  if (grant.tokens.length >= grant.sweepAt) sweep(store, grant, token.issuedAtMs)
  store.changed()
}

function sweep(store: GrantStore, grant: Grant, nowMs: number): void {
  const dead = tokensOf(store, grant).filter((token) => isDead(token, nowMs))
  for (const token of dead.slice(0, Math.max(0, dead.length - deadRemembered)))
    store.tokens.delete(token.value)
  grant.tokens = grant.tokens.filter((value) => store.tokens.has(value))
  grant.sweepAt = grant.tokens.length * 2 + 64
}

function isDead(token: Token, nowMs: number): boolean {
  return (
    token.revoked || token.usedAtMs !== null || (token.expiresAtMs !== null && nowMs >= token.expiresAtMs)
  )
}

export function addCode(store: GrantStore, code: Code): void {
  store.codes.set(code.value, code)
  const oldest = store.codes.size > maxCodes ? store.codes.keys().next().value : undefined
  if (oldest !== undefined) store.codes.delete(oldest)
  store.changed()
}

export function grantOf(store: GrantStore, token: Token): Grant | null {
  return store.grants.get(token.grantKey) ?? null
}

export function tokensOf(store: GrantStore, grant: Grant): Token[] {
  return grant.tokens.flatMap((value) => store.tokens.get(value) ?? [])
}

/** Every token of that account at that OAuth client dies. */
export function endGrant(store: GrantStore, grant: Grant): void {
  grant.live = false
  for (const token of tokensOf(store, grant)) token.revoked = true
  store.changed()
}

/** What one code exchange gave dies, and what was refreshed from it. */
export function endChain(store: GrantStore, grant: Grant, chain: string): void {
  for (const token of tokensOf(store, grant)) if (token.chain === chain) token.revoked = true
  store.changed()
}

/** Revokes the oldest live tokens of a kind until at most `most` are left. */
export function keepNewest(store: GrantStore, grant: Grant, kind: Token["kind"], most: number): void {
  const live = tokensOf(store, grant).filter(
    (token) => token.kind === kind && !token.revoked && token.usedAtMs === null,
  )
  for (const token of live.slice(0, Math.max(0, live.length - most))) token.revoked = true
}

export function union(first: readonly string[], second: readonly string[]): string[] {
  return [...new Set([...first, ...second])]
}
