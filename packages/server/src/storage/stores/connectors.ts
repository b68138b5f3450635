/** OAuth clients that a workspace has registered. */

/** Where an OAuth client's credentials come from. */
export type CredentialSource = "byo" | "operator" | "sandbox"

export interface Connector {
  readonly id: string
  readonly workspaceId: string
  readonly type: string
  readonly name: string
  readonly credentialSource: CredentialSource
  readonly clientId: string | null
  readonly sealedClientSecret: Uint8Array | null
  readonly scopes: readonly string[]
  readonly config: Readonly<Record<string, string>>
  /** What the provider said when it last rejected this client; null while it accepts it. */
  readonly clientProblem: string | null
  readonly version: number
  readonly createdAt: number
  readonly updatedAt: number
}

export interface ConnectorStore {
  /** False when the name is taken in this workspace. */
  insert(connector: Connector): Promise<boolean>
  find(workspaceId: string, id: string): Promise<Connector | undefined>
  /** The callback knows only the connector's id from its path. */
  findAnywhere(id: string): Promise<Connector | undefined>
  list(workspaceId: string): Promise<readonly Connector[]>
  /** The oldest of a type: the one that type-addressed calls use. */
  findByType(workspaceId: string, type: string): Promise<Connector | undefined>
  /** Compare-and-set on version, which moves by one; `name_taken` when another connector has the new name. */
  update(connector: Connector, expectedVersion: number): Promise<"updated" | "stale" | "name_taken">
  setClientProblem(workspaceId: string, id: string, problem: string | null): Promise<void>
  /**
   * Removes the connector with its disconnected connections; false when there is no such connector. Throws StillInUse
   * while a connection is not disconnected.
   */
  remove(workspaceId: string, id: string): Promise<boolean>
}
