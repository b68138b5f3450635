import { createHmac } from "node:crypto"
import { builtInCatalog } from "@grantry/catalog"
import { expect, test } from "vitest"
import { provenCallback } from "./proven-callback.ts"

const now = 1_800_000_000_000
const secret = "app-secret"
const provers = builtInCatalog.all().filter(({ dialect }) => dialect.provenCallback)

function signed(claims: unknown, by = secret): string {
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url")
  return `${createHmac("sha256", by).update(payload).digest("base64url")}.${payload}`
}

const genuine = { instanceId: "theirs-0", signDate: new Date(now - 60_000).toISOString() }

test("some entry demands a proof", () => {
  expect(provers).toHaveLength(1)
})

test.each(provers)("$type: what is signed takes the place of what only stands beside it", (definition) => {
  const client = { definition, clientSecret: secret }
  const params = { state: "s", instanceId: "a-stranger's", signedInstance: signed(genuine) }
  expect(provenCallback(client, params, now)).toMatchObject({ state: "s", instanceId: "theirs-0" })
  const undated = signed({ instanceId: "theirs-0" })
  expect(provenCallback(client, { ...params, signedInstance: undated }, now)).toMatchObject({
    instanceId: "theirs-0",
  })
})

test.each(provers)("$type: without a valid signature of this moment nothing is believed", (definition) => {
  const client = { definition, clientSecret: secret }
  const [signature = "", payload = ""] = signed(genuine).split(".")
  const other = signed({ ...genuine, instanceId: "a-stranger's" }).split(".")[1] ?? ""
  const refused = [
    undefined,
    "",
    ".",
    payload,
    `.${payload}`,
    `${signature}.`,
    `${signature}.${other}`,
    `${signature}.${payload}.x`,
    `${signature.slice(0, -2)}.${payload}`,
    signed(genuine, "another-secret"),
    signed(genuine, ""),
    signed(null),
    signed([]),
    signed("theirs-0"),
    signed({}),
    signed({ ...genuine, instanceId: "" }),
    signed({ ...genuine, instanceId: 7 }),
    signed({ ...genuine, aid: "a visitor of the site" }),
    signed({ ...genuine, signDate: new Date(now - 3_600_000).toISOString() }),
    signed({ ...genuine, signDate: new Date(now + 3_600_000).toISOString() }),
    signed({ ...genuine, signDate: "yesterday" }),
    signed({ ...genuine, signDate: now }),
  ]
  for (const signedInstance of refused) {
    const params = {
      state: "s",
      instanceId: "theirs-0",
      ...(signedInstance !== undefined && { signedInstance }),
    }
    expect([signedInstance, provenCallback(client, params, now)]).toEqual([signedInstance, null])
  }
})

test("a refusal, and an entry that demands no proof, pass as they are", () => {
  const [prover] = provers
  if (!prover) throw new Error("none demands a proof")
  const denied = { state: "s", error: "access_denied" }
  expect(provenCallback({ definition: prover, clientSecret: secret }, denied, now)).toBe(denied)
  const plain = builtInCatalog.byType("slack")
  if (!plain) throw new Error("no such type")
  const params = { state: "s", code: "c" }
  expect(provenCallback({ definition: plain, clientSecret: secret }, params, now)).toBe(params)
})
