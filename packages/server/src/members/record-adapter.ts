/**
 * What better-auth reads and writes, on our tables: its users are our members, each with a personal workspace, and a
 * session's token is kept as its hash.
 */
import type { CleanedWhere, CustomAdapter } from "better-auth/adapters"
import { newId, sha256Text } from "../random.ts"
import type { SignInCondition, SignInRecord, SignInTable } from "../storage/stores/members.ts"
import type { Stores } from "../storage/storage.ts"
import type { Member } from "../storage/stores/accounts.ts"
import { insertWithPersonalWorkspace } from "../workspace/insert-member.ts"
import { hasSecondFactor } from "./second-factor/state.ts"

type Fields = Record<string, unknown>

/** How a session is named in lists, where nobody knows its token: good for revoking it, for nothing else. */
const hashMark = "sha256:"

const kept: Readonly<Record<SignInTable, readonly string[]>> = {
  session: ["id", "userId", "token", "ipAddress", "userAgent", "expiresAt", "createdAt", "updatedAt"],
  account: ["id", "userId", "providerId", "accountId", "password", "createdAt", "updatedAt"],
  twoFactor: ["id", "userId", "secret", "backupCodes", "verified", "createdAt"],
  verification: ["id", "identifier", "value", "expiresAt", "createdAt", "updatedAt"],
}

export function recordAdapter(stores: Stores, now: () => number): CustomAdapter {
  const adapter = {
    async create({ data, model }: { model: string; data: Fields }) {
      if (model === "user") return createMember(stores, data, now())
      const record = toRecord(tableOf(model), data)
      // The library's second factor has no date.
      await stores.signIns.insert(tableOf(model), { createdAt: now(), ...record })
      return data
    },
    async findOne({ model, where }: { model: string; where: CleanedWhere[] }) {
      return (await list(stores, model, { where, limit: 1 }))[0] ?? null
    },
    findMany: ({ limit, model, offset, where }: FindMany) =>
      list(stores, model, { where: where ?? [], limit, ...(offset !== undefined && { offset }) }),
    async update({ model, update, where }: { model: string; where: CleanedWhere[]; update: unknown }) {
      await updateRecords(stores, model, where, update as Fields)
      return (await list(stores, model, { where, limit: 1 }))[0] ?? null
    },
    updateMany: ({ model, update, where }: { model: string; where: CleanedWhere[]; update: Fields }) =>
      updateRecords(stores, model, where, update),
    async delete({ model, where }: { model: string; where: CleanedWhere[] }) {
      await stores.signIns.remove(tableOf(model), toConditions(where))
    },
    deleteMany: ({ model, where }: { model: string; where: CleanedWhere[] }) =>
      stores.signIns.remove(tableOf(model), toConditions(where)),
    async consumeOne({ model, where }: { model: string; where: CleanedWhere[] }) {
      const [record] = await list(stores, model, { where, limit: 1 })
      const removed = record && (await stores.signIns.remove(tableOf(model), toConditions(where)))
      return removed ? record : null
    },
    async incrementOne({ increment, model, set, where }: IncrementOne) {
      if (Object.keys(increment).length > 0)
        throw new Error(`better-auth counts in ${model}, which is not known here`)
      return (await updateRecords(stores, model, where, set ?? {})) > 0 ? { ...set } : null
    },
    count: ({ model, where }: { model: string; where?: CleanedWhere[] }) =>
      stores.signIns.count(tableOf(model), toConditions(where ?? [])),
  }
  // The library's own types ask for rows of whatever shape its caller names.
  return adapter as unknown as CustomAdapter
}

interface FindMany {
  readonly model: string
  readonly where?: CleanedWhere[]
  readonly limit: number
  readonly offset?: number
}

interface IncrementOne {
  readonly model: string
  readonly where: CleanedWhere[]
  readonly increment: Fields
  readonly set?: Fields
}

interface Page {
  readonly where: readonly CleanedWhere[]
  readonly limit: number
  readonly offset?: number
}

function tableOf(model: string): SignInTable {
  if (Object.hasOwn(kept, model)) return model as SignInTable
  throw new Error(`There is no table for better-auth's ${model}`)
}

async function createMember(stores: Stores, data: Fields, now: number): Promise<Fields> {
  const member = { id: newId("mem"), email: text(data["email"]), name: text(data["name"]), createdAt: now }
  await insertWithPersonalWorkspace(stores, member, newId("ws"))
  return userOf(member, false)
}

async function list(stores: Stores, model: string, { limit, offset, where }: Page): Promise<Fields[]> {
  if (model === "user") return listMembers(stores, where)
  const table = tableOf(model)
  const query = { where: toConditions(where), limit, ...(offset !== undefined && { offset }) }
  const records = await stores.signIns.list(table, query)
  const asked = where.find(({ field, operator }) => field === "token" && operator === "eq")?.value
  return table === "session" ? records.map((record) => withToken(record, asked)) : [...records]
}

/** Whoever asked by the token knows it; everybody else gets the session's name. */
function withToken(record: SignInRecord, asked: unknown): Fields {
  return { ...record, token: typeof asked === "string" ? asked : `${hashMark}${String(record["token"])}` }
}

async function listMembers({ accounts, signIns }: Stores, where: readonly CleanedWhere[]): Promise<Fields[]> {
  const [condition, ...others] = where
  if (!condition || others.length > 0 || condition.operator !== "eq" || typeof condition.value !== "string")
    throw new Error("better-auth asks for members by id or address only")
  const { field, value } = condition
  const member =
    field === "id"
      ? await accounts.findMember(value)
      : field === "email"
        ? await accounts.findMemberByEmail(value)
        : undefined
  return member ? [userOf(member, await hasSecondFactor({ signIns }, member.id))] : []
}

/** Nothing is ever sent to the address, so that nobody has shown to own it. */
function userOf({ createdAt, email, id, name }: Member, twoFactorEnabled: boolean): Fields {
  const flags = { emailVerified: 0, twoFactorEnabled: Number(twoFactorEnabled) }
  return { id, email, name, image: null, ...flags, createdAt, updatedAt: createdAt }
}

async function updateRecords(
  stores: Stores,
  model: string,
  where: readonly CleanedWhere[],
  update: Fields,
): Promise<number> {
  if (model !== "user") {
    const table = tableOf(model)
    return stores.signIns.update(table, toConditions(where), toRecord(table, update))
  }
  const [member] = await listMembers(stores, where)
  if (!member) return 0
  const name = update["name"]
  return Number(
    await stores.accounts.updateMember(text(member["id"]), typeof name === "string" ? { name } : {}),
  )
}

/** The provider's own tokens and whatever else the library would keep have no column: nobody here needs them. */
function toRecord(table: SignInTable, data: Fields): SignInRecord {
  const record: Record<string, string | number | null> = {}
  for (const field of kept[table]) {
    const value = data[field]
    if (value === undefined) continue
    if (typeof value !== "string" && typeof value !== "number" && value !== null)
      throw new Error(`better-auth's ${table}.${field} is no text, number or null`)
    record[field] = field === "token" ? storedToken(value) : value
  }
  return record
}

function toConditions(where: readonly CleanedWhere[]): SignInCondition[] {
  return where.map(({ connector, field, operator, value: given }) => {
    const value = given instanceof Date ? given.getTime() : given
    if (connector === "OR" || !isOperator(operator) || typeof value === "boolean")
      throw new Error(`better-auth asks for ${field} in a way that is not known here`)
    if (field !== "token") return { field, operator, value }
    return { field, operator, value: Array.isArray(value) ? value.map(storedToken) : storedToken(value) }
  })
}

const operators: readonly (string | undefined)[] = ["eq", "ne", "lt", "lte", "gt", "gte", "in"]

function isOperator(operator: string | undefined): operator is SignInCondition["operator"] {
  return operators.includes(operator)
}

function storedToken(token: string | number | null): string {
  const value = text(token)
  return value.startsWith(hashMark) ? value.slice(hashMark.length) : sha256Text(value)
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new Error("better-auth gave no text where it must")
  return value
}
