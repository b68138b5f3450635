/** Shapes that several routes share. */
import { type Static, type TSchema, Type } from "typebox"
import type { ApiKey, ServiceKey } from "../storage/stores/keys.ts"

export function Nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()])
}

export const ErrorAnswer = Type.Object(
  {
    detail: Type.String({ description: "one sentence a developer can act on" }),
    message: Type.String({ description: "the same" }),
    code: Type.String(),
    request_id: Type.String(),
    docs_url: Type.String(),
  },
  { additionalProperties: true, description: "Error" },
)

export const errorAnswers = { "4xx": ErrorAnswer, "5xx": ErrorAnswer }

export const AppParams = Type.Object({ app: Type.String() })
export const ConfigValues = Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 500 }), {
  maxProperties: 32,
})
export const Scopes = Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { maxItems: 200 })
const name = {
  minLength: 1,
  maxLength: 100,
  pattern: "^[^\\u0000-\\u001f\\u007f]*[^\\s\\u0000-\\u001f\\u007f][^\\u0000-\\u001f\\u007f]*$",
}
export const Name = Type.String(name)

const namePattern = new RegExp(name.pattern)

/** The same for the fields of a page's form. */
export function isName(text: string): boolean {
  return text.length <= name.maxLength && text.isWellFormed() && namePattern.test(text)
}

export const ConnectionAccount = Nullable(Type.Object({ id: Type.String(), label: Type.String() }))

export const ConnectionStatus = Type.Union([
  Type.Literal("active"),
  Type.Literal("expired"),
  Type.Literal("disconnected"),
])
export const ConnectionOwner = Type.Union([Type.Literal("app"), Type.Literal("app_user")])

export const connectionSummary = {
  id: Type.String(),
  app_id: Type.String(),
  owner_kind: ConnectionOwner,
  user_id: Nullable(Type.String()),
  addressed_by: Type.Union([Type.Literal("type"), Type.Literal("connector")]),
  connector_id: Nullable(Type.String()),
  integration_type: Type.String(),
  display_name: Type.String(),
  status: ConnectionStatus,
  account: ConnectionAccount,
  scopes: Type.Array(Type.String()),
  missing_scopes: Type.Array(Type.String()),
  last_refresh_error: Nullable(Type.String()),
  created_at: Type.String(),
  status_since: Type.String(),
}

export const ConnectionList = Type.Object({
  connections: Type.Array(Type.Object(connectionSummary)),
  next_cursor: Nullable(Type.String()),
})

export const RevocationReceipt = Type.Union([
  Type.Literal("revoked"),
  Type.Literal("pending"),
  Type.Literal("unsupported"),
  Type.Literal("failed"),
  Type.Literal("kept_shared"),
])

const nullableText = Nullable(Type.String())

/** What the providers have said so far of many tokens. */
export const RevocationSums = Type.Object({
  revoked: Type.Integer(),
  pending: Type.Integer(),
  unsupported: Type.Integer(),
  failed: Type.Integer(),
})

export const EndedConnections = Type.Object({
  total: Type.Integer(),
  done: Type.Integer(),
  failed: Type.Integer(),
})

export const DisconnectJobAnswer = Type.Object({
  id: Type.String(),
  status: Type.Union([Type.Literal("running"), Type.Literal("done"), Type.Literal("cancelled")]),
  app_id: nullableText,
  integration_type: nullableText,
  connector_id: nullableText,
  user_id: nullableText,
  connected_by: nullableText,
  ends_with: Type.Union([Type.Literal("nothing"), Type.Literal("app"), Type.Literal("workspace")]),
  asked_by: Type.String(),
  asked_at: Type.String(),
  ended_at: nullableText,
  connections: EndedConnections,
  revocations: RevocationSums,
})

export const AsJob = Type.Optional(
  Type.Union([Type.Literal("true"), Type.Literal("false")], {
    description: "true: disconnect as a job, whose progress can be seen",
  }),
)

export const CreatedKey = Type.Object({
  id: Type.String(),
  name: Type.String(),
  key: Type.String({ description: "shown once" }),
})

export const KeySummary = Type.Object({
  id: Type.String(),
  name: Type.String(),
  prefix: Type.String(),
  created_at: Type.String(),
  last_used_at: Nullable(Type.String()),
})

export function keySummary(key: ApiKey | ServiceKey): Static<typeof KeySummary> {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    created_at: new Date(key.createdAt).toISOString(),
    last_used_at: key.lastUsedAt === null ? null : new Date(key.lastUsedAt).toISOString(),
  }
}

/** A list that fits on one page: CONTRACT section 10. */
export function page<Noun extends string, Item>(noun: Noun, items: readonly Item[]) {
  return { [noun]: items, next_cursor: null } as Record<Noun, Item[]> & { next_cursor: null }
}
