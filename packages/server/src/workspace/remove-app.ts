/** Deletes an app: first every connection is disconnected, so that nothing lives on at a provider. */
import { disconnectAll } from "../connections/disconnect-all.ts"
import type { Services } from "../services.ts"
import type { App } from "../storage/stores/apps.ts"

export async function removeApp(services: Services, app: App, actor: string): Promise<void> {
  const { id: appId, workspaceId } = app
  await disconnectAll(services, actor, (limit) =>
    services.storage.connections.listPage({ workspaceId, appId, limit }),
  )
  await services.storage.apps.remove(workspaceId, appId)
  services.authenticator.forgetKeys()
  services.appUsers.forget()
  await services.audit.record({
    workspaceId: app.workspaceId,
    appId: app.id,
    actor,
    action: "app.delete",
    target: app.id,
    outcome: "ok",
  })
}
