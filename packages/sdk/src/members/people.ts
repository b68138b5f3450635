import type { ConnectionListAnswer, ConnectionSummary } from "../wire/connections.ts"
import type { DisconnectJob } from "../wire/disconnect-jobs.ts"
import type {
  ChangeRoleRequest,
  InvitedMember,
  InviteRequest,
  MemberListAnswer,
  RemovedMember,
  RemoveMemberQuery,
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
  /** The shared connections that a member consented to, also after they have left. */
  connections(workspaceId: string, memberId: string): Promise<readonly ConnectionSummary[]>
  /**
   * @param query `disconnect` also ends the shared connections that they consented to
   * @returns the job that does it; null when nothing is disconnected
   */
  remove(workspaceId: string, memberId: string, query?: RemoveMemberQuery): Promise<DisconnectJob | null>
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
    connections(workspaceId, memberId) {
      const path = [...all(workspaceId), memberId, "connections"]
      return everyPage(
        (query) => send<ConnectionListAnswer>({ method: "GET", path, query: { ...query } }),
        (answer) => answer.connections,
      )
    },
    async remove(workspaceId, memberId, query = {}) {
      const path = [...all(workspaceId), memberId]
      return (await send<RemovedMember>({ method: "DELETE", path, query: { ...query } })).disconnect_job
    },
  }
}
