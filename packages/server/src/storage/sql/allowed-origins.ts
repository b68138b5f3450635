/** Origins of web pages that may call an app and be returned to. */
import type { AppStore } from "../stores/apps.ts"
import { atomically, type Executor, tryConstrained } from "./statements.ts"

export function allowedOriginQueries(executor: Executor) {
  const { db } = executor
  return {
    async listAllowedOrigins(workspaceId, appId) {
      const rows = await db
        .selectFrom("allowed_origins")
        .select("origin")
        .where("workspace_id", "=", workspaceId)
        .where("app_id", "=", appId)
        .orderBy("origin")
        .execute()
      return rows.map(({ origin }) => origin)
    },

    replaceAllowedOrigins: (workspaceId, appId, origins) =>
      atomically(executor, async (within) => {
        await within.db
          .deleteFrom("allowed_origins")
          .where("workspace_id", "=", workspaceId)
          .where("app_id", "=", appId)
          .execute()
        if (origins.length === 0) return true
        const rows = origins.map((origin) => ({ workspace_id: workspaceId, app_id: appId, origin }))
        const outcome = await tryConstrained(within, (on) =>
          on
            .insertInto("allowed_origins")
            .values(rows)
            // Of two who replace them at once, both may keep theirs.
            .onConflict((conflict) => conflict.doNothing())
            .execute(),
        )
        return "result" in outcome
      }),

    async allowsOrigin(appId, origin) {
      const query = db.selectFrom("allowed_origins").select("origin").where("app_id", "=", appId)
      return (await query.where("origin", "=", origin).executeTakeFirst()) !== undefined
    },
  } satisfies Partial<AppStore>
}
