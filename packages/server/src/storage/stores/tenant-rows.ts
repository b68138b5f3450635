/** All that is kept of one workspace, whatever table it stands in. */

export interface TenantRowStore {
  /** Who could get in: memberships, invitations and keys. */
  removeAccess(workspaceId: string): Promise<void>
  /** Overwrites the wrapped keys, then deletes their rows. @returns how many there were */
  destroyDataKeys(workspaceId: string): Promise<number>
  /** Deletes up to so many rows of one of the tables. @returns how many; 0: there are none left */
  removeSome(workspaceId: string, limit: number): Promise<number>
  /** The last row, where it is still there; false when another one refers to it. */
  removeWorkspace(workspaceId: string): Promise<boolean>
}
