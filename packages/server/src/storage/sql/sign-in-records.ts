/** The sign-in library's rows: it names fields, this knows the columns; nothing else can be asked for. */
import { type RawBuilder, sql } from "kysely"
import type {
  SignInCondition,
  SignInQuery,
  SignInRecord,
  SignInRecordStore,
  SignInTable,
} from "../stores/members.ts"
import { type Executor, insertNew } from "./statements.ts"

const tables = {
  session: {
    name: "sessions",
    columns: {
      id: "id",
      userId: "member_id",
      token: "token_hash",
      ipAddress: "address",
      userAgent: "user_agent",
      expiresAt: "expires_at",
      createdAt: "created_at",
      updatedAt: "updated_at",
    },
  },
  account: {
    name: "sign_in_methods",
    columns: {
      id: "id",
      userId: "member_id",
      providerId: "provider_id",
      accountId: "account_id",
      password: "password_hash",
      createdAt: "created_at",
      updatedAt: "updated_at",
    },
  },
  twoFactor: {
    name: "second_factors",
    columns: {
      id: "id",
      userId: "member_id",
      secret: "secret",
      backupCodes: "backup_codes",
      verified: "verified",
      createdAt: "created_at",
    },
  },
  verification: {
    name: "sign_in_verifications",
    columns: {
      id: "id",
      identifier: "identifier",
      value: "value",
      expiresAt: "expires_at",
      createdAt: "created_at",
      updatedAt: "updated_at",
    },
  },
} as const satisfies Record<SignInTable, { name: string; columns: Record<string, string> }>

const operators = {
  eq: sql`=`,
  ne: sql`<>`,
  lt: sql`<`,
  lte: sql`<=`,
  gt: sql`>`,
  gte: sql`>=`,
} as const

function columnOf(table: SignInTable, field: string): RawBuilder<unknown> {
  const columns: Readonly<Record<string, string>> = tables[table].columns
  const column = Object.hasOwn(columns, field) ? columns[field] : undefined
  if (column === undefined) throw new Error(`The ${table} has no field ${field}`)
  return sql.ref(column)
}

function condition(table: SignInTable, { field, operator, value }: SignInCondition): RawBuilder<unknown> {
  const column = columnOf(table, field)
  if (operator === "in") {
    const values = Array.isArray(value) ? value : [value]
    return values.length === 0 ? sql`1 = 0` : sql`${column} in (${sql.join(values)})`
  }
  if (value === null) return operator === "ne" ? sql`${column} is not null` : sql`${column} is null`
  return sql`${column} ${operators[operator]} ${value}`
}

function whereAll(table: SignInTable, where: readonly SignInCondition[]): RawBuilder<unknown> {
  if (where.length === 0) return sql``
  const conditions = where.map((one) => condition(table, one))
  return sql`where ${sql.join(conditions, sql` and `)}`
}

function selectFields(table: SignInTable): RawBuilder<unknown> {
  return sql.join(
    Object.entries(tables[table].columns).map(
      ([field, column]) => sql`${sql.ref(column)} as ${sql.ref(field)}`,
    ),
  )
}

const tableOf = (table: SignInTable) => sql.table(tables[table].name)

function listQuery(table: SignInTable, { limit, offset, where }: SignInQuery): RawBuilder<SignInRecord> {
  const page = sql`limit ${limit ?? 1_000} offset ${offset ?? 0}`
  return sql<SignInRecord>`select ${selectFields(table)} from ${tableOf(table)} ${whereAll(table, where)} order by created_at, id ${page}`
}

function recordQueries(executor: Executor) {
  const { db } = executor
  return {
    async insert(table, record) {
      const fields = Object.keys(record)
      const columns = sql.join(fields.map((field) => columnOf(table, field)))
      const values = sql.join(fields.map((field) => record[field]))
      const insert = sql`insert into ${tableOf(table)} (${columns}) values (${values})`
      await insertNew(executor, table, (on) => insert.execute(on))
    },

    async list(table, query) {
      return (await listQuery(table, query).execute(db)).rows
    },

    async update(table, where, set) {
      const assignments = Object.entries(set).map(
        ([field, value]) => sql`${columnOf(table, field)} = ${value}`,
      )
      if (assignments.length === 0) return 0
      const done =
        await sql`update ${tableOf(table)} set ${sql.join(assignments)} ${whereAll(table, where)}`.execute(db)
      return Number(done.numAffectedRows ?? 0n)
    },

    async remove(table, where) {
      const done = await sql`delete from ${tableOf(table)} ${whereAll(table, where)}`.execute(db)
      return Number(done.numAffectedRows ?? 0n)
    },

    async count(table, where) {
      const query = sql<{
        n: number | string
      }>`select count(*) as n from ${tableOf(table)} ${whereAll(table, where)}`
      return Number((await query.execute(db)).rows[0]?.n ?? 0)
    },
  } satisfies Partial<SignInRecordStore>
}

export function signInRecordStore(executor: Executor): SignInRecordStore {
  const { db } = executor
  return {
    ...recordQueries(executor),

    async findSession(tokenHash) {
      const row = await db
        .selectFrom("sessions")
        .select(["member_id", "expires_at"])
        .where("token_hash", "=", tokenHash)
        .executeTakeFirst()
      return row && { memberId: row.member_id, expiresAt: row.expires_at }
    },

    async deleteExpiredSessions(now) {
      await db.deleteFrom("sessions").where("expires_at", "<=", now).execute()
    },
  }
}
