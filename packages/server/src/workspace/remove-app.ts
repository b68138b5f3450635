/** Deletes an app: first every connection is disconnected, so that nothing lives on at a provider. */
import { disconnect } from "../connections/disconnect.ts"
import type { Services } from "../services.ts"
import type { App } from "../storage/stores.ts"

export async function removeApp(services: Services, app: App, actor: string): Promise<void> {
  for (const ownerKind of ["app", "app_user"] as const) {
    for (const connection of await services.storage.connections.listByApp(
      app.workspaceId,
      app.id,
      ownerKind,
    )) {
      await disconnect(services, connection, true)
    }
  }
  await services.storage.apps.remove(app.workspaceId, app.id)
  services.authenticator.forgetKeys()
  services.appUsers.forget()
  services.audit.record({
    workspaceId: app.workspaceId,
    appId: app.id,
    actor,
    action: "app.delete",
    target: app.id,
    outcome: "ok",
  })
}
