/** What a push would change. Pure. */
import type { SharedConnection } from "@grantry/sdk/wire"
import type { ConnectorFile } from "./parse-connector-file.ts"

export type Difference =
  | { readonly kind: "add"; readonly type: string; readonly scopes: readonly string[] | null }
  | {
      readonly kind: "change"
      readonly type: string
      readonly added: readonly string[]
      readonly removed: readonly string[]
    }
  /** Declared as it is, and waiting for somebody's consent. */
  | { readonly kind: "reconnect"; readonly type: string; readonly status: string }
  | { readonly kind: "same"; readonly type: string }
  | { readonly kind: "remove"; readonly type: string }

export function compare(
  files: readonly ConnectorFile[],
  remote: readonly SharedConnection[],
): readonly Difference[] {
  const byType = new Map(remote.map((one) => [one.integration_type, one]))
  const declared = new Set(files.map(({ type }) => type.value))
  return [
    ...files.map((file) => compareOne(file, byType.get(file.type.value))),
    ...remote
      .filter(({ integration_type }) => !declared.has(integration_type))
      .map(({ integration_type }): Difference => ({ kind: "remove", type: integration_type })),
  ]
}

function compareOne(file: ConnectorFile, remote: SharedConnection | undefined): Difference {
  const type = file.type.value
  if (!remote) return { kind: "add", type, scopes: file.scopes }
  const { added, removed } = compareScopes(file.scopes, remote.scopes)
  if (added.length + removed.length > 0) return { kind: "change", type, added, removed }
  return remote.status === "active"
    ? { kind: "same", type }
    : { kind: "reconnect", type, status: remote.status }
}

/** @param wanted null: they stay as they are */
export function compareScopes(wanted: readonly string[] | null, had: readonly string[]) {
  if (wanted === null) return { added: [], removed: [] }
  return {
    added: wanted.filter((scope) => !had.includes(scope)),
    removed: had.filter((scope) => !wanted.includes(scope)),
  }
}
