import { expect, test } from "vitest"
import { associatedDataOf, lastingContext, type SealContext } from "./seal-context.ts"

const context = (bound: readonly string[]): SealContext => ({
  workspaceId: "ws_1",
  record: "connection",
  recordId: "conn_1",
  field: "access_token",
  bound,
})
const hex = (of: SealContext, keyId: string) => Buffer.from(associatedDataOf(of, keyId)).toString("hex")

test("a lasting context binds to the same bytes, under each key", () => {
  const lasting = lastingContext(context(["1"]))
  for (const keyId of ["dk_1", "dk_2", "dk_1", "dk_1", ""])
    expect(hex(lasting, keyId)).toBe(hex(context(["1"]), keyId))
})

test("what is worked out for one lasting context is not changed by another", () => {
  const one = lastingContext(context(["1"]))
  const before = associatedDataOf(one, "dk_1")
  const copy = Buffer.from(before).toString("hex")
  associatedDataOf(lastingContext(context(["another, longer one"])), "dk_1")
  expect(Buffer.from(before).toString("hex")).toBe(copy)
})

test("a lasting context keeps what it was made of", () => {
  const bound = ["1"]
  const lasting = lastingContext(context(bound))
  bound[0] = "2"
  expect(hex(lasting, "dk_1")).toBe(hex(context(["1"]), "dk_1"))
})
