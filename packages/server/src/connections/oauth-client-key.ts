/** Which OAuth client, and which provider behind it, a refresh goes to: what is limited and broken together. Pure. */
import type { Catalog } from "@grantry/catalog"
import type { Connection, DueClient } from "../storage/stores/connections.ts"

/** The types of a family share one client and one provider. */
export function oauthClientKey(catalog: Catalog, client: DueClient): string {
  const [source, type] = client.split(":")
  if (source === undefined || type === undefined) return client
  return `${source}:${catalog.byType(type)?.family ?? type}`
}

export function dueClientOf({
  connectorId,
  credentialSource,
  type,
}: Pick<Connection, "connectorId" | "credentialSource" | "type">): DueClient {
  return connectorId ?? `${credentialSource}:${type}`
}

/** Where each customer has a host of its own, one customer's trouble is not the others'. */
export function circuitKey(
  catalog: Catalog,
  connection: Pick<Connection, "connectorId" | "credentialSource" | "type" | "config">,
): string {
  const definition = catalog.byType(connection.type)
  const url = definition?.refresh?.url ?? definition?.token.url ?? ""
  const names = [...url.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name)
  const values = names.map((name) => connection.config[name] ?? "")
  return [oauthClientKey(catalog, dueClientOf(connection)), ...values].join(" ")
}
