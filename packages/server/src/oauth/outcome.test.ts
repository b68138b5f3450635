import type { Refusal } from "@grantry/catalog"
import { expect, test } from "vitest"
import { OutboundError } from "../outbound/outbound.ts"
import { judgeFailure, judgeOutboundError, retryAfterMs, type TroubleKind } from "./outcome.ts"

const refused = (
  status: number,
  refusal: Refusal | null,
  providerError: string | null = "code",
  description: string | null = null,
) => judgeFailure({ kind: "refused", status, refusal, providerError, description }, null)

test.each<[number, Refusal | null, TroubleKind]>([
  [400, "invalid_grant", "grant_dead"],
  [401, "invalid_grant", "grant_dead"],
  [200, "invalid_grant", "grant_dead"],
  [400, "interaction_required", "interaction_required"],
  [401, "invalid_client", "client_misconfigured"],
  [400, "unauthorized_client", "client_misconfigured"],
  [400, "rate_limited", "rate_limited"],
  [400, "temporarily_unavailable", "transient"],
  [400, "invalid_request", "malformed"],
  [400, "invalid_scope", "malformed"],
  [400, "unsupported_grant_type", "malformed"],
  [400, null, "malformed"],
  [403, null, "malformed"],
  [409, null, "transient"],
])("HTTP %i with %s is %s", (status, refusal, kind) => {
  expect(refused(status, refusal).kind).toBe(kind)
})

test.each([500, 502, 503, 504, 599])("HTTP %i never kills a grant, whatever its body says", (status) => {
  for (const refusal of ["invalid_grant", "invalid_client", "interaction_required", null] as const) {
    expect(refused(status, refusal).kind).toBe("transient")
  }
  expect(judgeFailure({ kind: "unreadable", status, reason: "HTML" }, null).kind).toBe("transient")
})

test("HTTP 429 is a limit, whatever its body says", () => {
  expect(refused(429, "invalid_grant").kind).toBe("rate_limited")
  expect(judgeFailure({ kind: "unreadable", status: 429, reason: "HTML" }, 5_000)).toMatchObject({
    kind: "rate_limited",
    retryAfterMs: 5_000,
  })
})

test.each([200, 302, 400, 404])(
  "an answer with HTTP %i that nobody can read is malformed, never a death",
  (status) => {
    expect(judgeFailure({ kind: "unreadable", status, reason: "the body is no JSON" }, null)).toMatchObject({
      kind: "malformed",
      code: `http_${status}`,
      message: `HTTP ${status}: the body is no JSON`,
    })
  },
)

test("the provider's own words are kept, scrubbed", () => {
  expect(
    refused(400, "invalid_grant", "invalid_grant", "Token ya29.a0AfH6SMBx7Zk1QpLm0_NnOoPpQq\nwas revoked"),
  ).toEqual({
    kind: "grant_dead",
    code: "invalid_grant",
    message: "invalid_grant: Token … was revoked",
    retryAfterMs: null,
  })
  expect(refused(400, "invalid_grant", null).message).toBe("HTTP 400 without an error code")
})

test("no answer at all is transient", () => {
  expect(
    judgeOutboundError(new OutboundError("timeout", "no answer within 30 s", { maybeSent: true })),
  ).toMatchObject({ kind: "transient", code: "timeout" })
})

test.each([
  [undefined, null],
  ["30", 30_000],
  [" 30 ", 30_000],
  ["0", 0],
  ["-5", null],
  ["nonsense", null],
  ["1e3", null],
  ["30 seconds", null],
  ["99999999", 3_600_000],
  ["Thu, 01 Jan 1970 00:02:00 GMT", 60_000],
  ["Thu, 01 Jan 1970 00:00:30 GMT", 0],
])("Retry-After %j means %j milliseconds (RFC 9110 section 10.2.3)", (header, expected) => {
  expect(retryAfterMs(header, 60_000)).toBe(expected)
})
