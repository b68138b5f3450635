import { describe, expect, it } from "vitest"
import { builtInCatalog } from "./catalog.ts"
import { revocationOutcome } from "./revocation.ts"

describe("the answer to a revocation", () => {
  it.each([
    ["gmail", 200, {}, "ended"],
    ["gmail", 200, "", "ended"],
    ["gmail", 400, { error: "invalid_token" }, "already_dead"],
    ["gmail", 400, { error: "invalid_request" }, "refused"],
    ["gmail", 503, "<html>", "try_later"],
    ["slack", 200, { ok: true, revoked: true }, "ended"],
    ["slack", 200, { ok: false, error: "token_revoked" }, "already_dead"],
    ["slack", 200, { ok: false, error: "ratelimited" }, "try_later"],
    ["slack", 200, { ok: false, error: "not_allowed_token_type" }, "refused"],
    ["slack", 200, { ok: false }, "refused"],
    ["github", 204, "", "ended"],
    ["github", 404, { message: "Not Found" }, "already_dead"],
    ["github", 401, { message: "Bad credentials" }, "refused"],
    ["notion", 200, { request_id: "fake" }, "ended"],
    ["notion", 400, { code: "invalid_grant" }, "already_dead"],
    ["salesforce", 200, "", "ended"],
    ["salesforce", 400, { error: "unsupported_token_type" }, "already_dead"],
    ["dropbox", 200, null, "ended"],
    [
      "dropbox",
      401,
      { error_summary: "invalid_access_token/..", error: { ".tag": "invalid_access_token" } },
      "already_dead",
    ],
    // The refresh token behind it lives: the revocation needs a fresh access token.
    [
      "dropbox",
      401,
      { error_summary: "expired_access_token/.", error: { ".tag": "expired_access_token" } },
      "refused",
    ],
    ["dropbox", 429, { error: { reason: { ".tag": "too_many_requests" } } }, "try_later"],
  ])("of %s at %i with %j is: %s", (type, status, body, outcome) => {
    const entry = builtInCatalog.byType(type)
    if (entry === undefined) throw new Error(`no entry ${type}`)
    expect(revocationOutcome(entry, { status, body })).toBe(outcome)
  })
})
