import { expect, test } from "vitest"
import { AllowListInvalid, parseAllowList } from "./allow-list.ts"

test("an empty list opens nothing", () => {
  expect(parseAllowList("")).toEqual({ hosts: new Set(), ranges: [] })
  expect(parseAllowList(" , ")).toEqual({ hosts: new Set(), ranges: [] })
})

test("addresses, ranges and hosts are told apart", () => {
  const { hosts, ranges } = parseAllowList(
    "127.0.0.0/8, ::1,[fd00::]/8,[::2], Functions.Internal., db_1,localhost",
  )
  expect([...hosts]).toEqual(["functions.internal", "db_1", "localhost"])
  expect(ranges.map(([address, bits]) => `${address.toString()}/${bits}`)).toEqual([
    "127.0.0.0/8",
    "::1/128",
    "fd00::/8",
    "::2/128",
  ])
})

test.each([
  "10.0.0.0/33",
  "10.0.0.0/",
  "10.0.0.0/8/8",
  "10.0.0.0/-1",
  "::1/129",
  "127.1",
  "10.0.0",
  "http://localhost",
  "host:80",
  "a b",
  "-host",
  "host-",
  "*.internal",
  "example..com",
])("%s is refused", (text) => {
  expect(() => parseAllowList(text)).toThrow(AllowListInvalid)
})
