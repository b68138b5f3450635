/** Apps with their settings and the origins of their pages. */

export interface NewApp {
  readonly id: string
  readonly workspaceId: string
  readonly name: string
  readonly createdBy: string
  readonly createdAt: number
}

/** How an app user's consent ends: with the click on the connect page, or with a call by the user's own session. */
export type ConnectCompletion = "confirm" | "verified"

export interface AppSettings {
  /** Where backend functions run: a URL without a slash at the end; null: nowhere yet. */
  readonly functionsUpstream: string | null
  readonly backendFunctionsEnabled: boolean
  readonly connectCompletion: ConnectCompletion
}

export interface App extends NewApp, AppSettings {}

/** Apps of a workspace that is being closed are not found. */
export interface AppStore {
  /** With the settings that every app begins with. */
  insert(app: NewApp): Promise<void>
  find(workspaceId: string, id: string): Promise<App | undefined>
  /** The app, if it belongs to one of these workspaces. */
  findIn(workspaceIds: readonly string[], id: string): Promise<App | undefined>
  list(workspaceIds: readonly string[]): Promise<readonly App[]>
  /** A user's token and a call of a function name the app alone. */
  findAnywhere(id: string): Promise<App | undefined>
  /** What is absent stays. */
  update(workspaceId: string, id: string, changes: Partial<AppSettings & Pick<App, "name">>): Promise<boolean>
  /** Normalised, as browsers send them in `Origin`; in order. */
  listAllowedOrigins(workspaceId: string, appId: string): Promise<readonly string[]>
  /** All of them, in one transaction; false when there is no such app. */
  replaceAllowedOrigins(workspaceId: string, appId: string, origins: readonly string[]): Promise<boolean>
  /** For a browser's call, which names the app alone. */
  allowsOrigin(appId: string, origin: string): Promise<boolean>
  /**
   * Removes the app with its keys, origins, issuers, webhook endpoints and disconnected connections; false when there is
   * no such app. An endpoint that still is to be told something goes when it has been. Throws StillInUse while a
   * connection is not disconnected.
   */
  remove(workspaceId: string, id: string): Promise<boolean>
}
