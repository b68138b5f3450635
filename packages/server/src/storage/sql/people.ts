/** Who belongs to a workspace, and who was asked to. */
import { sql } from "kysely"
import type { Invitation, PeopleStore, WorkspacePerson } from "../stores/members.ts"
import type { InvitationRow } from "./schema.ts"
import { atomically, type Executor, metOneRow } from "./statements.ts"

function toInvitation(row: InvitationRow): Invitation {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    email: row.email,
    role: row.role,
    invitedBy: row.invited_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}

type Query = Parameters<PeopleStore["list"]>[1]
type PersonRow = Omit<WorkspacePerson, "expiresAt" | "hasSecondFactor"> & {
  readonly email_key: string
  readonly second_factor: number
  readonly expires_at: number | null
}

function joined({ db }: Executor, workspaceId: string) {
  return db
    .selectFrom("memberships")
    .innerJoin("members", "members.id", "memberships.member_id")
    .leftJoin("second_factors", "second_factors.member_id", "members.id")
    .select(["members.id", "members.email", "members.email_key"])
    .select([sql<string | null>`members.name`.as("name"), "memberships.role"])
    .select(sql<number | null>`cast(null as bigint)`.as("expires_at"))
    .select(sql<number>`coalesce(second_factors.verified, 0)`.as("second_factor"))
    .where("memberships.workspace_id", "=", workspaceId)
}

function invited({ db }: Executor, workspaceId: string, now: number) {
  return db
    .selectFrom("invitations")
    .select(["id", "email", "email_key", sql<string | null>`cast(null as text)`.as("name"), "role"])
    .select([sql<number | null>`expires_at`.as("expires_at"), sql<number>`0`.as("second_factor")])
    .where("workspace_id", "=", workspaceId)
    .where("expires_at", ">", now)
}

/** Two sorted pages of which one is made: an address is in one of them only, or in both for a moment. */
async function listPeople(
  executor: Executor,
  workspaceId: string,
  { after, limit, now }: Query,
): Promise<readonly WorkspacePerson[]> {
  const both = executor.db
    .selectFrom(
      joined(executor, workspaceId)
        .unionAll(invited(executor, workspaceId, now))
        .as("people"),
    )
    .selectAll()
    .$if(after !== undefined, (query) =>
      query.where((of) => {
        const { emailKey, id } = after ?? { emailKey: "", id: "" }
        return of.or([
          of("email_key", ">", emailKey),
          of.and([of("email_key", "=", emailKey), of("id", ">", id)]),
        ])
      }),
    )
  const rows: readonly PersonRow[] = await both.orderBy("email_key").orderBy("id").limit(limit).execute()
  return rows.map(({ email, expires_at: expiresAt, id, name, role, second_factor: secondFactor }) => ({
    id,
    email,
    name,
    role,
    hasSecondFactor: secondFactor === 1,
    expiresAt,
  }))
}

function invitationQueries(executor: Executor) {
  const { db } = executor
  return {
    async invite(invitation, secretHash) {
      const row: InvitationRow = {
        id: invitation.id,
        workspace_id: invitation.workspaceId,
        email: invitation.email,
        email_key: invitation.email.toLowerCase(),
        role: invitation.role,
        secret_hash: secretHash,
        invited_by: invitation.invitedBy,
        created_at: invitation.createdAt,
        expires_at: invitation.expiresAt,
      }
      await db
        .insertInto("invitations")
        .values(row)
        .onConflict((conflict) => conflict.columns(["workspace_id", "email_key"]).doUpdateSet(row))
        .execute()
    },

    async findInvitation(secretHash, now) {
      const row = await db
        .selectFrom("invitations")
        .selectAll()
        .where("secret_hash", "=", secretHash)
        .where("expires_at", ">", now)
        .executeTakeFirst()
      return row && toInvitation(row)
    },

    async isInvited(email, now) {
      const row = await db
        .selectFrom("invitations")
        .select("id")
        .where("email_key", "=", email.toLowerCase())
        .where("expires_at", ">", now)
        .executeTakeFirst()
      return row !== undefined
    },

    async removeInvitation(workspaceId, id) {
      const query = db.deleteFrom("invitations").where("workspace_id", "=", workspaceId).where("id", "=", id)
      return metOneRow(await query.executeTakeFirst())
    },

    async deleteExpiredInvitations(now) {
      await db.deleteFrom("invitations").where("expires_at", "<=", now).execute()
    },
  } satisfies Partial<PeopleStore>
}

async function removeWithKeys({ db }: Executor, workspaceId: string, memberId: string): Promise<boolean> {
  await db
    .deleteFrom("invitations")
    .where("workspace_id", "=", workspaceId)
    .where("invited_by", "=", memberId)
    .execute()
  await db
    .deleteFrom("api_keys")
    .where("workspace_id", "=", workspaceId)
    .where("member_id", "=", memberId)
    .execute()
  const query = db
    .deleteFrom("memberships")
    .where("workspace_id", "=", workspaceId)
    .where("member_id", "=", memberId)
  return metOneRow(await query.executeTakeFirst())
}

function roleQueries(executor: Executor) {
  const { db } = executor
  return {
    // An update that changes nothing is a row lock in either database.
    async lockWorkspace(workspaceId) {
      await db
        .updateTable("workspaces")
        .set((of) => ({ name: of.ref("name") }))
        .where("id", "=", workspaceId)
        .execute()
    },

    async countOwners(workspaceId) {
      const row = await db
        .selectFrom("memberships")
        .select((of) => of.fn.countAll<number | string>().as("owners"))
        .where("workspace_id", "=", workspaceId)
        .where("role", "=", "owner")
        .executeTakeFirstOrThrow()
      return Number(row.owners)
    },

    async setRole(workspaceId, memberId, role) {
      const query = db
        .updateTable("memberships")
        .set({ role })
        .where("workspace_id", "=", workspaceId)
        .where("member_id", "=", memberId)
      return metOneRow(await query.executeTakeFirst())
    },

    removeMember: (workspaceId, memberId) =>
      atomically(executor, (within) => removeWithKeys(within, workspaceId, memberId)),
  } satisfies Partial<PeopleStore>
}

export function peopleStore(executor: Executor): PeopleStore {
  return {
    ...invitationQueries(executor),
    ...roleQueries(executor),
    list: (workspaceId, query) => listPeople(executor, workspaceId, query),
  }
}
