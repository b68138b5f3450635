import { describe, expect, test } from "vitest"
import { parseAllowList } from "../outbound/allow-list.ts"
import { addressKey, trustOf } from "./client-address.ts"

describe("whom an address stands for", () => {
  test.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["192.0.2.7:50123", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::", "2001:db8:1:2"],
    ["[2001:db8:1:2::9]:443", "2001:db8:1:2"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    ["unknown", "unknown"],
    ["", "unknown"],
    ["evil, 192.0.2.7", "unknown"],
  ])("%s is %s", (address, key) => {
    expect(addressKey(address)).toBe(key)
  })
})

describe("trusted proxies", () => {
  test("without any, nothing that is forwarded counts", () => {
    expect(trustOf(parseAllowList(""))).toBe(false)
  })

  test("are told by address or range, in either spelling of IPv4", () => {
    const trust = trustOf(parseAllowList("10.0.0.0/8,192.0.2.1,fd00::/8"))
    const asked = ["10.1.2.3", "::ffff:10.1.2.3", "192.0.2.1", "fd00::9", "192.0.2.2", "2001:db8::1", "x"]
    expect(asked.map((address) => trust && trust(address))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ])
  })

  test("a stranger's many addresses are not kept", () => {
    const trust = trustOf(parseAllowList("10.0.0.0/8"))
    if (trust === false) throw new Error("nothing is trusted")
    for (let index = 0; index < 5_000; index += 1) trust(`2001:db8::${index.toString(16)}`)
    expect(trust("10.0.0.1")).toBe(true)
  })
})
