import { sql } from "kysely"
import type { AccountStore, Member, Workspace } from "../stores/accounts.ts"
import type { MemberRow, WorkspaceRow } from "./schema.ts"
import { AlreadyExists } from "../storage-errors.ts"
import { removeMemberRows } from "./member-rows.ts"
import { type Executor, insertNew, metOneRow, tryConstrained } from "./statements.ts"

function toWorkspace(row: WorkspaceRow): Workspace {
  return {
    id: row.id,
    name: row.name,
    plan: row.plan,
    personalOf: row.personal_of,
    createdAt: row.created_at,
  }
}

function toMember(row: MemberRow): Member {
  return { id: row.id, email: row.email, name: row.name, createdAt: row.created_at }
}

function workspaceQueries(executor: Executor) {
  const { db } = executor
  return {
    async insertWorkspace(workspace) {
      const row: WorkspaceRow = {
        id: workspace.id,
        name: workspace.name,
        plan: workspace.plan,
        personal_of: workspace.personalOf,
        created_at: workspace.createdAt,
      }
      await insertNew(executor, "workspace", (on) => on.insertInto("workspaces").values(row).execute())
    },

    async findWorkspace(id) {
      const row = await db.selectFrom("workspaces").selectAll().where("id", "=", id).executeTakeFirst()
      return row && toWorkspace(row)
    },

    async setPlan(id, plan) {
      return metOneRow(
        await db.updateTable("workspaces").set({ plan }).where("id", "=", id).executeTakeFirst(),
      )
    },

    async listWorkspaces(memberId) {
      const rows = await db
        .selectFrom("memberships")
        .innerJoin("workspaces", "workspaces.id", "memberships.workspace_id")
        .selectAll("workspaces")
        .select("memberships.role")
        .where("memberships.member_id", "=", memberId)
        .orderBy(sql`case when workspaces.personal_of = ${memberId} then 0 else 1 end`)
        .orderBy("workspaces.created_at")
        .orderBy("workspaces.id")
        .execute()
      return rows.map((row) => ({ ...toWorkspace(row), role: row.role }))
    },
  } satisfies Partial<AccountStore>
}

function memberQueries(executor: Executor) {
  const { db } = executor
  return {
    async insertMember(member) {
      const row: MemberRow = {
        id: member.id,
        email: member.email,
        email_key: member.email.toLowerCase(),
        name: member.name,
        created_at: member.createdAt,
      }
      await insertNew(executor, "member", (on) => on.insertInto("members").values(row).execute())
    },

    async findMember(id) {
      const row = await db.selectFrom("members").selectAll().where("id", "=", id).executeTakeFirst()
      return row && toMember(row)
    },

    async findMemberByEmail(email) {
      const row = await db
        .selectFrom("members")
        .selectAll()
        .where("email_key", "=", email.toLowerCase())
        .executeTakeFirst()
      return row && toMember(row)
    },

    async updateMember(id, { email, name }) {
      const set = {
        ...(name !== undefined && { name }),
        ...(email !== undefined && { email, email_key: email.toLowerCase() }),
      }
      if (Object.keys(set).length === 0) return true
      const tried = await tryConstrained(executor, (on) =>
        on.updateTable("members").set(set).where("id", "=", id).executeTakeFirst(),
      )
      if ("violation" in tried) throw new AlreadyExists("This member exists already")
      return metOneRow(tried.result)
    },

    removeMember: (id) => removeMemberRows(executor, id),
  } satisfies Partial<AccountStore>
}

function membershipQueries(executor: Executor) {
  const { db } = executor
  return {
    async insertMembership(membership) {
      const row = {
        workspace_id: membership.workspaceId,
        member_id: membership.memberId,
        role: membership.role,
      }
      await insertNew(executor, "membership", (on) => on.insertInto("memberships").values(row).execute())
    },

    async findMembership(workspaceId, memberId) {
      const row = await db
        .selectFrom("memberships")
        .select("role")
        .where("workspace_id", "=", workspaceId)
        .where("member_id", "=", memberId)
        .executeTakeFirst()
      return row && { workspaceId, memberId, role: row.role }
    },
  } satisfies Partial<AccountStore>
}

export function accountStore(executor: Executor): AccountStore {
  return { ...workspaceQueries(executor), ...memberQueries(executor), ...membershipQueries(executor) }
}
