import type { Tables } from "./schema.ts"
import { atomically, type Executor, metOneRow } from "./statements.ts"

type MemberTable = {
  [Table in keyof Tables]: "member_id" extends keyof Tables[Table] ? Table : never
}[keyof Tables]

/** All that is kept of a member alone. A table that is missing here does not compile. */
const memberTables: Readonly<Record<MemberTable, true>> = {
  memberships: true,
  api_keys: true,
  sessions: true,
  sign_in_methods: true,
  device_codes: true,
  device_logins: true,
  second_factors: true,
  openid_attempts: true,
}

/** Device tokens go with their logins. */
export function removeMemberRows(executor: Executor, memberId: string): Promise<boolean> {
  return atomically(executor, async ({ db }) => {
    for (const table of Object.keys(memberTables) as MemberTable[])
      await db.deleteFrom(table).where("member_id", "=", memberId).execute()
    await db.deleteFrom("invitations").where("invited_by", "=", memberId).execute()
    return metOneRow(await db.deleteFrom("members").where("id", "=", memberId).executeTakeFirst())
  })
}
