import { builtInCatalog } from "@grantry/catalog"
import { expect, test } from "vitest"
import type { Connection } from "../storage/stores.ts"
import { tokenAnswer } from "./token-answer.ts"

const row = {
  type: "slack",
  config: {},
  expiresAt: 1_800_000_000_000,
  requestedScopes: ["chat:write", "users:read"],
  grantedScopes: ["chat:write"],
  accountId: "U1",
  accountLabel: 'a "quoted" label',
} as unknown as Connection

test("the text is the JSON that the contract names, whatever characters the token has", () => {
  const token = 'a"b\\c\u2028\u00e9'
  expect(JSON.parse(tokenAnswer(builtInCatalog, row, token))).toEqual({
    access_token: token,
    integration_type: "slack",
    connection_config: null,
    expires_at: "2027-01-15T08:00:00.000Z",
    scopes: ["chat:write"],
    missing_scopes: ["users:read"],
    account: { id: "U1", label: 'a "quoted" label' },
  })
})

test("each answer has its own token, and the row as it now stands", () => {
  const read = (connection: Connection, token: string): unknown =>
    JSON.parse(tokenAnswer(builtInCatalog, connection, token))
  const rewritten = { ...row, expiresAt: null, accountId: null, config: { site: "acme" } }
  expect(read(row, "one")).toMatchObject({ access_token: "one" })
  expect(read(row, "two")).toMatchObject({ access_token: "two" })
  expect(read(rewritten, "three")).toMatchObject({
    access_token: "three",
    connection_config: { site: "acme" },
    expires_at: null,
    account: null,
  })
})
