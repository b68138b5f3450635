import type { WorkspaceRole } from "@grantry/sdk/wire"

export const roles = ["owner", "admin", "editor", "viewer"] as const satisfies readonly WorkspaceRole[]
