import { builtInCatalog } from "@grantry/catalog"
import { describe, expect, test } from "vitest"
import { circuitKey, dueClientOf, oauthClientKey } from "./oauth-client-key.ts"

const operators = (type: string, config: Record<string, string> = {}) =>
  ({ connectorId: null, credentialSource: "operator", type, config }) as const

describe("which OAuth client a refresh goes to", () => {
  test("the types of a family share the operator's, and no others do", () => {
    const key = (type: string) => oauthClientKey(builtInCatalog, dueClientOf(operators(type)))
    expect(key("gmail")).toBe(key("googledrive"))
    expect(key("gmail")).not.toBe(key("notion"))
  })

  test("a workspace's client is its connector", () => {
    const connection = { ...operators("gmail"), connectorId: "con_1" }
    expect(oauthClientKey(builtInCatalog, dueClientOf(connection))).toBe("con_1")
  })

  test("where each customer has a host, each has a circuit of its own", () => {
    const acme = circuitKey(
      builtInCatalog,
      operators("databricks", { workspace_host: "acme.cloud.databricks.com" }),
    )
    const other = circuitKey(
      builtInCatalog,
      operators("databricks", { workspace_host: "other.cloud.databricks.com" }),
    )
    expect(acme).not.toBe(other)
    expect(circuitKey(builtInCatalog, operators("notion", { anything: "x" }))).toBe("operator:notion")
  })
})
