import type { App, AppListAnswer, CreateAppRequest, DeletingApp, UpdateAppRequest } from "../wire/apps.ts"
import type { RedirectUri, RedirectUrisAnswer } from "../wire/integrations.ts"
import type { Send } from "./send.ts"

export interface AppsApi {
  /** Every app that the credential opens. */
  list(): Promise<AppListAnswer>
  create(request: CreateAppRequest): Promise<App>
  get(appId: string): Promise<App>
  update(appId: string, changes: UpdateAppRequest): Promise<App>
  /** Disconnects everything in it. */
  delete(appId: string): Promise<{ readonly status: "deleted"; readonly id: string }>
  /** The same as a job, whose progress can be seen. */
  startDeleting(appId: string): Promise<DeletingApp>
  /** What to register at the providers. */
  redirectUris(appId: string): Promise<readonly RedirectUri[]>
}

export function appsApi(send: Send): AppsApi {
  const one = (appId: string) => ["apps", appId]
  return {
    list: () => send({ method: "GET", path: ["apps"] }),
    create: (body) => send({ method: "POST", path: ["apps"], body }),
    get: (appId) => send({ method: "GET", path: one(appId) }),
    update: (appId, body) => send({ method: "PUT", path: one(appId), body }),
    delete: (appId) => send({ method: "DELETE", path: one(appId) }),
    startDeleting: (appId) => send({ method: "DELETE", path: one(appId), query: { disconnect: "true" } }),
    async redirectUris(appId) {
      const path = [...one(appId), "oauth-redirect-uris"]
      return (await send<RedirectUrisAnswer>({ method: "GET", path })).redirect_uris
    },
  }
}
