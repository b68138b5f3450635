import { expect, test } from "vitest"
import type { Connection } from "../storage/stores/connections.ts"
import { judgeReplacement } from "./judge-replacement.ts"

const attempt = { connectionId: "conn_1", startedBy: "mem_ada", forceReconnect: false }
const forced = { ...attempt, forceReconnect: true }
const ada = { id: "1", label: "ada@example.com" }
const grace = { id: "2", label: "grace@example.com" }

const existing: Connection = {
  id: "conn_1",
  workspaceId: "ws_1",
  appId: "app_1",
  ownerKind: "app",
  ownerId: "",
  slot: "type:slack",
  type: "slack",
  connectorId: null,
  credentialSource: "sandbox",
  connectedBy: "mem_ada",
  status: "active",
  requestedScopes: [],
  grantedScopes: null,
  accountId: "1",
  accountLabel: "ada@example.com",
  config: {},
  sealedAccessToken: null,
  sealedRefreshToken: null,
  issuedAt: 0,
  expiresAt: null,
  refreshDueAt: null,
  generation: 1,
  version: 1,
  leaseOwner: null,
  leaseUntil: null,
  failures: 0,
  retryAt: null,
  lastRefreshError: null,
  lastRefreshedAt: null,
  statusChangedAt: 0,
  createdAt: 0,
  updatedAt: 0,
}

test("a free place takes any account", () => {
  expect(judgeReplacement(attempt, undefined, ada)).toBe("save")
  expect(judgeReplacement(attempt, undefined, null)).toBe("save")
})

test("a disconnected connection is a free place, whoever had it", () => {
  const disconnected: Connection = { ...existing, status: "disconnected", connectedBy: "mem_grace" }
  expect(judgeReplacement(attempt, disconnected, grace)).toBe("save")
  expect(judgeReplacement(attempt, { ...disconnected, id: "conn_2" }, grace)).toBe("save")
})

test("the same account is saved without a question, also over an expired grant", () => {
  expect(judgeReplacement(attempt, existing, ada)).toBe("save")
  expect(judgeReplacement(attempt, { ...existing, status: "expired" }, ada)).toBe("save")
})

test("another account asks first, also over an expired grant", () => {
  expect(judgeReplacement(attempt, existing, grace)).toBe("account_changed")
  expect(judgeReplacement(attempt, { ...existing, status: "expired" }, grace)).toBe("account_changed")
})

test("an account that cannot be named counts as another one where the old one has a name", () => {
  expect(judgeReplacement(attempt, existing, null)).toBe("account_changed")
  expect(judgeReplacement(attempt, { ...existing, accountId: null }, null)).toBe("save")
})

test("a colleague who filled the place meanwhile keeps it", () => {
  const colleagues: Connection = { ...existing, id: "conn_2", connectedBy: "mem_grace" }
  expect(judgeReplacement(attempt, colleagues, ada)).toBe("different_user")
  expect(judgeReplacement(attempt, { ...colleagues, status: "expired" }, ada)).toBe("different_user")
})

test("a colleague who connected what had expired keeps it", () => {
  const colleagues: Connection = { ...existing, connectedBy: "mem_grace" }
  expect(judgeReplacement(attempt, colleagues, ada)).toBe("different_user")
  expect(judgeReplacement(attempt, colleagues, grace)).toBe("different_user")
})

test("a colleague's grant that is dead is replaced by whoever connects first", () => {
  const dead: Connection = { ...existing, status: "expired", connectedBy: "mem_grace" }
  expect(judgeReplacement(attempt, dead, ada)).toBe("save")
  expect(judgeReplacement(attempt, dead, grace)).toBe("account_changed")
})

test("who takes over on purpose is judged by the account alone", () => {
  const colleagues: Connection = { ...existing, connectedBy: "mem_grace" }
  expect(judgeReplacement(forced, colleagues, ada)).toBe("save")
  expect(judgeReplacement(forced, colleagues, grace)).toBe("account_changed")
  expect(judgeReplacement(forced, { ...colleagues, id: "conn_2" }, ada)).toBe("save")
})

test("an app user has no colleagues", () => {
  const own = { ...attempt, startedBy: null }
  const users: Connection = { ...existing, ownerKind: "app_user", ownerId: "u1", connectedBy: null }
  expect(judgeReplacement(own, users, ada)).toBe("save")
  expect(judgeReplacement(own, { ...users, id: "conn_2" }, ada)).toBe("save")
  expect(judgeReplacement(own, { ...users, id: "conn_2" }, grace)).toBe("account_changed")
})
