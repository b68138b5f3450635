import { expect, test } from "vitest"
import { placeValue } from "./placed-value.ts"
import { associatedDataOf, type SealContext } from "./seal-context.ts"
import { joinSealed } from "./sealed-value.ts"

const context = (recordId: string): SealContext => ({
  workspaceId: "ws_1",
  record: "connection",
  recordId,
  field: "access_token",
  bound: ["1"],
})
const box = Uint8Array.from({ length: 40 }, (_, index) => index)

test("a placed value holds the bytes of its place and of its box, and the id of its key", () => {
  const { bytes, boxStart, keyId } = placeValue(context("conn_1"), joinSealed("dk_1", box))
  expect(keyId).toBe("dk_1")
  expect(Buffer.from(bytes.subarray(0, boxStart))).toEqual(
    Buffer.from(associatedDataOf(context("conn_1"), "dk_1")),
  )
  expect(Uint8Array.from(bytes.subarray(boxStart))).toEqual(box)
})

test("placing another value changes nothing in the first, nor does writing to what it was made of", () => {
  const sealed = joinSealed("dk_1", box)
  const one = placeValue(context("conn_1"), sealed)
  const before = Buffer.from(one.bytes).toString("hex")
  placeValue(context("another, longer one"), joinSealed("dk_2", box))
  sealed.fill(0)
  expect(Buffer.from(one.bytes).toString("hex")).toBe(before)
})
