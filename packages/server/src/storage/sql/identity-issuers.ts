import type { IdentityIssuer, IdentityIssuerStore } from "../stores/identity-issuers.ts"
import type { IdentityIssuerRow } from "./schema.ts"
import { type Executor, metOneRow, tryConstrained } from "./statements.ts"

function toIssuer(row: IdentityIssuerRow): IdentityIssuer {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    appId: row.app_id,
    issuer: row.issuer,
    audience: row.audience,
    jwksUrl: row.jwks_url,
    jwksJson: row.jwks_json,
    createdAt: row.created_at,
  }
}

function toRow(issuer: IdentityIssuer): IdentityIssuerRow {
  return {
    id: issuer.id,
    workspace_id: issuer.workspaceId,
    app_id: issuer.appId,
    issuer: issuer.issuer,
    audience: issuer.audience,
    jwks_url: issuer.jwksUrl,
    jwks_json: issuer.jwksJson,
    created_at: issuer.createdAt,
  }
}

export function identityIssuerStore(executor: Executor): IdentityIssuerStore {
  const { db } = executor
  return {
    async insert(issuer) {
      const outcome = await tryConstrained(executor, (on) =>
        on.insertInto("identity_issuers").values(toRow(issuer)).execute(),
      )
      if ("result" in outcome) return "inserted"
      return outcome.violation === "unique" ? "taken" : "gone"
    },

    async list(workspaceId, appId) {
      const rows = await db
        .selectFrom("identity_issuers")
        .selectAll()
        .where("workspace_id", "=", workspaceId)
        .where("app_id", "=", appId)
        .orderBy("created_at")
        .orderBy("id")
        .execute()
      return rows.map(toIssuer)
    },

    async remove(workspaceId, appId, id) {
      const query = db
        .deleteFrom("identity_issuers")
        .where("workspace_id", "=", workspaceId)
        .where("app_id", "=", appId)
        .where("id", "=", id)
      return metOneRow(await query.executeTakeFirst())
    },
  }
}
