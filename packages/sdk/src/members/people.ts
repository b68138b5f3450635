import type {
  ChangeRoleRequest,
  InvitedMember,
  InviteRequest,
  MemberListAnswer,
  WorkspaceMember,
} from "../wire/members.ts"
import { everyPage } from "./pages.ts"
import type { Send } from "./send.ts"

/** Who belongs to a workspace. */
export interface PeopleApi {
  list(workspaceId: string): Promise<readonly WorkspaceMember[]>
  /** The only answer that holds the invitation's link. */
  invite(workspaceId: string, request: InviteRequest): Promise<InvitedMember>
  changeRole(workspaceId: string, memberId: string, request: ChangeRoleRequest): Promise<WorkspaceMember>
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
    invite: (workspaceId, body) => send({ method: "POST", path: all(workspaceId), body }),
    changeRole: (workspaceId, id, body) => send({ method: "PUT", path: [...all(workspaceId), id], body }),
    async remove(workspaceId, memberId) {
      await send({ method: "DELETE", path: [...all(workspaceId), memberId] })
    },
  }
}
