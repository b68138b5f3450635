import { builtInCatalog } from "@grantry/catalog"
import { expect, test } from "vitest"
import type { Connection } from "../storage/stores/connections.ts"
import { answerText, restOfAnswer } from "./token-answer.ts"

const row = {
  type: "slack",
  config: {},
  expiresAt: 1_800_000_000_000,
  requestedScopes: ["chat:write", "users:read"],
  grantedScopes: ["chat:write"],
  accountId: "U1",
  accountLabel: 'a "quoted" label',
} as unknown as Connection

const tokenAnswer = (connection: Connection, token: string): unknown =>
  JSON.parse(answerText(token, restOfAnswer(builtInCatalog, connection)))

test("the text is the JSON that the contract names, whatever characters the token has", () => {
  const token = 'a"b\\c\u2028\u00e9'
  expect(tokenAnswer(row, token)).toEqual({
    access_token: token,
    integration_type: "slack",
    connection_config: null,
    expires_at: "2027-01-15T08:00:00.000Z",
    scopes: ["chat:write"],
    missing_scopes: ["users:read"],
    account: { id: "U1", label: 'a "quoted" label' },
  })
})

test("what a row does not have is null", () => {
  const bare = { ...row, expiresAt: null, accountId: null, grantedScopes: null }
  expect(tokenAnswer(bare, "t")).toMatchObject({ expires_at: null, account: null, scopes: [] })
})

test("an account without a label is called by its id, and config values are given out", () => {
  const other = { ...row, accountLabel: null, config: { site: "acme" } }
  expect(tokenAnswer(other, "t")).toMatchObject({
    account: { id: "U1", label: "U1" },
    connection_config: { site: "acme" },
  })
})
