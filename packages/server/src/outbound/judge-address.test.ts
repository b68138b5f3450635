import { describe, expect, test } from "vitest"
import { parseAllowList } from "./allow-list.ts"
import { isMetadataHost, judgeAddress } from "./judge-address.ts"

const nothing = parseAllowList("")
const everything = parseAllowList("0.0.0.0/0,::/0")

const notPublic: readonly (readonly [range: string, ...addresses: string[]])[] = [
  ["this network", "0.0.0.0", "0.1.2.3"],
  ["loopback", "127.0.0.1", "127.255.255.254", "::1"],
  ["unspecified", "::"],
  ["private", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
  ["carrier-grade NAT", "100.64.0.1", "100.127.255.255"],
  ["link-local", "169.254.0.1", "169.254.255.255", "fe80::1", "febf::1", "fe80::1%eth0"],
  ["site-local", "fec0::1"],
  ["unique local", "fc00::1", "fdff:ffff::1"],
  ["multicast", "224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
  ["reserved", "240.0.0.1", "255.255.255.254", "192.0.0.1", "192.0.0.192", "2001::1"],
  ["broadcast", "255.255.255.255"],
  ["documentation", "192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
  ["benchmarks", "198.18.0.1", "198.19.255.255", "2001:2::1"],
  ["6to4 relay", "192.88.99.1"],
  ["mapped IPv4", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:7f00:1"],
  ["compatible IPv4", "::127.0.0.1", "::8.8.8.8"],
  ["translated IPv4", "::ffff:0:127.0.0.1"],
  ["NAT64", "64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::1"],
  ["6to4", "2002:7f00:1::1", "2002:808:808::1"],
  ["Teredo", "2001:0:4136:e378:8000:63bf:3fff:fdd2"],
  ["ORCHID", "2001:10::1", "2001:20::1"],
  ["discard", "100::1"],
  ["segment routing", "5f00::1"],
  ["unassigned", "4000::1", "8000::1", "e000::1"],
  ["not an address", "", "localhost", "1.2.3.4.5", "12345::1::"],
]

const metadata = [
  "169.254.169.254",
  "169.254.170.2",
  "100.100.100.200",
  "168.63.129.16",
  "fd00:ec2::254",
  "fd20:ce::254",
]

describe("an address that is not globally routable is refused", () => {
  test.each(notPublic)("%s", (_range, ...addresses) => {
    for (const address of addresses)
      expect([address, judgeAddress(address, nothing, false)]).toEqual([address, "refused"])
  })
})

test.each([
  "8.8.8.8",
  "1.1.1.1",
  "172.32.0.1",
  "100.128.0.1",
  "2606:4700:4700::1111",
  "2a00:1450:4001:800::200e",
])("the public address %s is open", (address) => expect(judgeAddress(address, nothing, false)).toBe("public"))

test.each(metadata)("no list opens the metadata address %s", (address) => {
  expect(judgeAddress(address, nothing, false)).toBe("refused")
  expect(judgeAddress(address, everything, true)).toBe("refused")
})

test.each(["::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::1", "::169.254.169.254"])(
  "no list opens the metadata address inside %s",
  (address) => expect(judgeAddress(address, everything, true)).toBe("refused"),
)

test("names of metadata services are known", () => {
  expect(isMetadataHost("metadata.google.internal")).toBe(true)
  expect(isMetadataHost("instance-data.ec2.internal")).toBe(true)
  expect(isMetadataHost("metadata.example.com")).toBe(false)
})

describe("the list of exceptions", () => {
  const list = parseAllowList("10.1.0.0/16, ::1, fd12::/16")

  test.each(["10.1.0.1", "10.1.255.255", "::1", "fd12::5"])("opens %s", (address) => {
    expect(judgeAddress(address, list, false)).toBe("allowed")
  })

  test.each(["10.2.0.1", "127.0.0.1", "::2", "fd13::1", "::ffff:10.1.0.1"])("does not open %s", (address) => {
    expect(judgeAddress(address, list, false)).toBe("refused")
  })

  test("opens whatever a listed host resolves to", () => {
    expect(judgeAddress("192.168.7.7", nothing, true)).toBe("allowed")
  })
})
