import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  scriptedContext,
  scriptedDefinition,
  type ScriptedProvider,
  startScriptedProvider,
} from "../../../../tests/harness/scripted-provider.ts"
import type { IssuedGrant } from "./outcome.ts"
import { IdentityUnavailable, readIdentity } from "./read-identity.ts"

const grant: IssuedGrant = {
  accessToken: "the-access-token",
  refreshToken: null,
  expiresInS: null,
  scopes: null,
  json: {},
}

describe("the account behind a grant", () => {
  let provider: ScriptedProvider
  beforeAll(async () => {
    provider = await startScriptedProvider()
  })
  afterAll(() => provider.close())

  const atLearnedHost = scriptedDefinition({
    identity: {
      request: { method: "GET", url: "https://{host}/me", headers: {}, id: ["{id}"], label: ["{name}"] },
    },
    config: { fromToken: [{ name: "host", path: "host", isHost: true, hostSuffixes: ["example.com"] }] },
  })

  test("is named by the provider at the host that came with the token", async () => {
    provider.answers({ body: { id: 7, name: "Ada" } })
    const { client } = scriptedContext(atLearnedHost)
    expect(await readIdentity(provider.protocol, client, grant, { host: "eu.example.com" })).toEqual({
      account: { id: "7", label: "Ada" },
      config: {},
    })
    expect(provider.asked).toMatchObject([
      { path: "/me", headers: { authorization: "Bearer the-access-token" } },
    ])
  })

  test.each([
    ["is missing", {}],
    ["leads elsewhere", { host: "example.com.evil.example" }],
  ])("is unknown, and nobody is asked, when that host %s", async (_, config) => {
    provider.answers()
    const { client } = scriptedContext(atLearnedHost)
    await expect(readIdentity(provider.protocol, client, grant, config)).rejects.toThrow(IdentityUnavailable)
    expect(provider.asked).toHaveLength(0)
  })
})
