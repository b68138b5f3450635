import { expect, test } from "vitest"
import { searchFor } from "./search.ts"

const secret = "gsk_1f>Q~ü/8w+Zr7Jk2"
const search = searchFor(new Map([[secret, "service key"]]))
const noise = (length: number): Buffer => Buffer.alloc(length, "The quick brown fox. ")

test.each([
  ["raw", secret],
  ["hex", Buffer.from(secret).toString("hex")],
  ["hex", Buffer.from(secret).toString("hex").toUpperCase()],
  ["URL-encoded", encodeURIComponent(secret)],
  ["base64", Buffer.from(secret).toString("base64")],
  ["base64", Buffer.from(`x:${secret}`).toString("base64")],
  ["base64", Buffer.from(`client:${secret}:y`).toString("base64")],
  ["base64url", Buffer.from(secret).toString("base64url")],
])("a secret is found in %s, at the beginning, the end and within", (encoding, text) => {
  for (const [left, right] of [
    [0, 0],
    [0, 50],
    [50, 0],
    [1_000, 5_000],
  ] as const) {
    const hits = search(Buffer.concat([noise(left), Buffer.from(text), noise(right)]))
    expect(hits.map(({ what }) => what)).toContain("service key")
    expect(hits.map((hit) => hit.encoding)).toContain(encoding)
  }
})

test("what is JSON within JSON is found", () => {
  const quoted = 'a "quoted" secret \\ of mine'
  const inside = searchFor(new Map([[quoted, "password"]]))
  expect(inside(JSON.stringify({ text: quoted }))).toMatchObject([{ what: "password", encoding: "JSON" }])
})

test("what is only like a secret is not one", () => {
  for (const text of [secret.slice(1), secret.slice(0, -1), secret.toLowerCase(), "", "x"])
    expect(search(text)).toEqual([])
  expect(search(noise(100_000))).toEqual([])
})

test("of thousands of secrets each is found where it stands, and no other", () => {
  const all = new Map(
    Array.from({ length: 3_000 }, (_, index) => [`token-${index}-${"abcdefghijkl"}-${index}`, `${index}`]),
  )
  const many = searchFor(all)
  for (const index of [0, 17, 2_999])
    expect(many(`x token-${index}-abcdefghijkl-${index} y`)).toMatchObject([
      { what: `${index}`, encoding: "raw", at: 2 },
    ])
})
