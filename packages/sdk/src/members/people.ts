import type { Page } from "../wire/list.ts"
import type { WorkspaceRole } from "../wire/workspaces.ts"
import { everyPage } from "./pages.ts"
import type { Send } from "./send.ts"

/** A member of a workspace. */
export interface WorkspaceMember {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: WorkspaceRole
}

interface MemberListAnswer extends Page {
  readonly members: readonly WorkspaceMember[]
}

export interface PeopleApi {
  list(workspaceId: string): Promise<readonly WorkspaceMember[]>
  remove(workspaceId: string, memberId: string): Promise<void>
}

export function peopleApi(send: Send): PeopleApi {
  const all = (workspaceId: string) => ["workspace", workspaceId, "members"]
  return {
    list(workspaceId) {
      return everyPage(
        (query) => send<MemberListAnswer>({ method: "GET", path: all(workspaceId), query: { ...query } }),
        (answer) => answer.members,
      )
    },
    async remove(workspaceId, memberId) {
      await send({ method: "DELETE", path: [...all(workspaceId), memberId] })
    },
  }
}
